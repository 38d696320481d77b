import { type Chain, type ChainCall, namesIn, readChains } from './call-chains.ts';
import type { SqlServerIndexOptions } from './ef-model.ts';

const ON_INDEXES = 'SqlServerIndexBuilderExtensions';

/** Calls that SQL Server's provider has for indexes, each as what it says. */
const CALLS: Readonly<Record<string, (call: ChainCall) => SqlServerIndexOptions>> = {
  IsClustered: (call) => ({ clustered: isOn(call) }),
  IncludeProperties: (call) => ({ include: namesIn(call.arguments) }),
  IsCreatedOnline: (call) => ({ online: isOn(call) }),
  HasFillFactor: (call) => {
    const fillFactor = call.arguments[0]?.source;
    return fillFactor === undefined ? {} : { fillFactor };
  },
  SortInTempDb: (call) => ({ sortInTempDb: isOn(call) }),
  UseDataCompression: (call) => {
    const compression = /(\w+)$/.exec(call.arguments[0]?.source ?? '')?.[1];
    return compression === undefined ? {} : { compression };
  },
};

/** Annotations that say the same, as Designers of EF Core before 5 have them. */
const ANNOTATIONS: Readonly<Record<string, string>> = {
  'SqlServer:Clustered': 'IsClustered',
  'SqlServer:Include': 'IncludeProperties',
  'SqlServer:Online': 'IsCreatedOnline',
  'SqlServer:FillFactor': 'HasFillFactor',
  'SqlServer:SortInTempDb': 'SortInTempDb',
  'SqlServer:DataCompression': 'UseDataCompression',
};

/** What the calls that are chained to `b.HasIndex(...)` say of it to SQL Server; undefined where they say nothing. */
export function sqlServerIndexOptions(calls: readonly ChainCall[]): SqlServerIndexOptions | undefined {
  const said = calls.flatMap((call): readonly SqlServerIndexOptions[] => {
    const [name, ...values] = call.arguments;
    const annotation = call.name === 'HasAnnotation' ? name?.text : undefined;
    const alias = annotation === undefined ? undefined : ANNOTATIONS[annotation];
    const read = CALLS[alias ?? call.name];
    if (read !== undefined) return [read(alias === undefined ? call : { name: alias, arguments: values })];
    return annotation?.startsWith('SqlServer:') === true ? [{ untold: annotation }] : [];
  });
  return said.length === 0 ? undefined : Object.assign({}, ...said);
}

/**
 * The index and what is said of it in `SqlServerIndexBuilderExtensions.IsClustered(b.HasIndex("Kind"), false)`, as EF Core
 * writes what is not chained; such calls may stand in one another.
 */
export function sqlServerIndexTarget(
  root: string,
  call: ChainCall | undefined,
): { readonly index: ChainCall; readonly said: SqlServerIndexOptions } | undefined {
  if (root !== ON_INDEXES || call === undefined) return undefined;
  const [of, ...rest] = call.arguments;
  const [inner] = readChains(`${of?.source ?? ''};`).chains;
  if (inner === undefined) return undefined;
  const said = CALLS[call.name]?.({ name: call.name, arguments: rest }) ?? { untold: call.name };
  const index = inner.calls.find(({ name }) => name === 'HasIndex');
  if (index !== undefined) return { index, said };
  const nested = sqlServerIndexTarget(inner.root, inner.calls[0]);
  return nested === undefined ? undefined : { index: nested.index, said: { ...nested.said, ...said } };
}

/** A switch that is on where nothing is said. */
function isOn(call: ChainCall): boolean {
  return call.arguments[0]?.source !== 'false';
}

/** Whether a block makes a call, in the blocks in it too, or says the same by an annotation. */
export function hasCall(chains: readonly Chain[], name: string, annotation: string): boolean {
  const pattern = new RegExp(`\\b${name}\\((?!\\s*false)`);
  return chains.some(({ calls }) =>
    calls.some(
      (call) =>
        (call.name === name && isOn(call)) ||
        (call.name === 'HasAnnotation' &&
          call.arguments[0]?.text === annotation &&
          call.arguments[1]?.source === 'true') ||
        (call.name === 'ToTable' &&
          call.arguments.some(
            ({ source, block }) => pattern.test(source) || (block !== undefined && hasCall(block, name, annotation)),
          )),
    ),
  );
}
