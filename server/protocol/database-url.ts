// How a database is named, for the editor's question.
export { isDatabaseName, isFileUrl, isServerUrl, urlExamples } from '../model/database-url.ts';
