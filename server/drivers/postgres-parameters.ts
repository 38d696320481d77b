/** libpq's parameters that Lockstep acts on, with the environment variable that each is read from otherwise. */
const ACTED_ON = {
  host: 'PGHOST',
  hostaddr: 'PGHOSTADDR',
  port: 'PGPORT',
  dbname: 'PGDATABASE',
  user: 'PGUSER',
  password: 'PGPASSWORD',
  passfile: 'PGPASSFILE',
  service: 'PGSERVICE',
  options: 'PGOPTIONS',
  application_name: 'PGAPPNAME',
  connect_timeout: 'PGCONNECT_TIMEOUT',
  target_session_attrs: 'PGTARGETSESSIONATTRS',
  load_balance_hosts: 'PGLOADBALANCEHOSTS',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcrl: 'PGSSLCRL',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
  sslpassword: undefined,
  sslnegotiation: 'PGSSLNEGOTIATION',
  ssl_min_protocol_version: 'PGSSLMINPROTOCOLVERSION',
  ssl_max_protocol_version: 'PGSSLMAXPROTOCOLVERSION',
  channel_binding: 'PGCHANNELBINDING',
  gssencmode: 'PGGSSENCMODE',
  require_auth: 'PGREQUIREAUTH',
  requirepeer: 'PGREQUIREPEER',
  /** Not libpq's: Go's drivers, which several migration tools use, take settings of the session as parameters. */
  search_path: undefined,
} as const;

export type ParameterName = keyof typeof ACTED_ON;

/** Parameters of libpq that change nothing here: how often the network is asked, Kerberos, encodings. */
const PASSED_OVER: ReadonlySet<string> = new Set([
  'authtype',
  'client_encoding',
  'fallback_application_name',
  'gssdelegation',
  'gsslib',
  'keepalives',
  'keepalives_count',
  'keepalives_idle',
  'keepalives_interval',
  'krbsrvname',
  'max_protocol_version',
  'min_protocol_version',
  'replication',
  'scram_client_key',
  'scram_server_key',
  'servicefile',
  'sslcertmode',
  'sslcompression',
  'sslcrldir',
  'sslkeylogfile',
  'sslsni',
  'tcp_user_timeout',
  'tty',
]);

/** Connection parameters by name, as they were written. */
export type Parameters = ReadonlyMap<ParameterName, string>;

/** Parameters, or what is wrong with the text: a sentence that holds nothing of it. */
export type ReadParameters =
  | { readonly parameters: Parameters; readonly problem?: never }
  | { readonly problem: string };

/** A name that Lockstep acts on, one of libpq's that it passes over, or no parameter of libpq. */
export function parameterKind(name: string): 'acted-on' | 'passed-over' | 'unknown' {
  if (isParameter(name)) return 'acted-on';
  return PASSED_OVER.has(name) ? 'passed-over' : 'unknown';
}

export function isParameter(name: string): name is ParameterName {
  return Object.hasOwn(ACTED_ON, name);
}

/** What the environment says, as libpq reads it; empty variables count as absent. */
export function parametersOfEnvironment(variableOf: (name: string) => string | undefined): Parameters {
  const result = new Map<ParameterName, string>();
  for (const [name, variable] of Object.entries(ACTED_ON)) {
    const value = variable === undefined ? undefined : variableOf(variable);
    if (isParameter(name) && value !== undefined && value !== '') result.set(name, value);
  }
  return result;
}
