using System;
using System.Reflection;
using DbUp;

var result = DeployChanges.To
    .PostgresqlDatabase(args[0])
    .WithScriptsEmbeddedInAssembly(Assembly.GetExecutingAssembly())
    .LogToNowhere()
    .Build()
    .PerformUpgrade();
if (!result.Successful) Console.Error.WriteLine(result.Error);
return result.Successful ? 0 : 1;
