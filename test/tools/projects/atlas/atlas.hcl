env "local" {
  migration {
    dir = "file://db/sql"
  }
}
