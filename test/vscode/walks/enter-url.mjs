/** Enters the URL of a PostgreSQL server, without a password, as an environment. */
export async function enterUrl(walk, url, environment) {
  await walk.answer('URL of the database', url);
  const password = walk.quickInput.getByText('empty where none is needed').first();
  await password.or(walk.choice(environment)).first().waitFor();
  if (await password.isVisible()) await walk.answer('empty where none is needed', '');
  await walk.pick(environment);
}
