// Which databases the files of a project name, for the editor's question.
export {
  databasesInFile,
  databasesInPasswordFile,
  databasesInServiceFile,
  databasesInVariables,
  FOUND_GLOB,
  shownUrl,
  userSecretsIdIn,
  variableIn,
  VARIABLE_FILES,
  type FoundDatabase,
} from '../model/found-databases.ts';
