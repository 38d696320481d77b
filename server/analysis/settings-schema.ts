import { assertNever } from '../core/assert-never.ts';
import type { Rule } from '../rules/rule.ts';
import { ENGINE_CODES } from './lint.ts';
import { SETTING_TABLE, SEVERITIES, type Setting } from './setting-table.ts';

/**
 * JSON schema of `lockstep.jsonc`, for completion and squiggles in any editor.
 *
 * Shape: JSON Schema draft 7; the rules stand once, below `definitions`.
 */
export function settingsSchema(rules: readonly Rule[], tools: readonly string[]): object {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Lockstep configuration',
    type: 'object',
    additionalProperties: false,
    properties: { $schema: { type: 'string' }, ...membersSchema(SETTING_TABLE, tools) },
    definitions: {
      folder: {
        anyOf: [
          { type: 'string' },
          {
            type: 'object',
            required: ['folder'],
            additionalProperties: false,
            properties: membersSchema(SETTING_TABLE.migrations.members, tools),
          },
        ],
      },
      severity: { type: 'string', enum: SEVERITIES },
      rules: {
        type: 'object',
        additionalProperties: false,
        properties: Object.fromEntries([
          ...rules.map((rule) => [rule.code, ruleSchema(rule.title, rule.options)] as const),
          ...ENGINE_CODES.map((code) => [code, ruleSchema('A finding about the directives in a migration.')] as const),
        ]),
      },
    },
  };
}

const FOLDER = { $ref: '#/definitions/folder' };
const SEVERITY = { $ref: '#/definitions/severity' };

function ruleSchema(description: string, options: Rule['options'] = {}): object {
  return {
    description,
    anyOf: [
      SEVERITY,
      {
        type: 'object',
        additionalProperties: false,
        properties: {
          severity: SEVERITY,
          ...Object.fromEntries(
            Object.entries(options).map(([name, option]) => [
              name,
              { type: typeof option.default, default: option.default, description: option.description },
            ]),
          ),
        },
      },
    ],
  };
}

function membersSchema(members: Readonly<Record<string, Setting>>, tools: readonly string[]): object {
  return Object.fromEntries(
    Object.entries(members).map(([name, setting]) => [
      name,
      // The tools are no words of the table: which there are is the tools' room to say.
      name === 'tool'
        ? { type: 'string', enum: tools, description: setting.description }
        : {
            ...schemaOf(setting, tools),
            ...(setting.description === undefined ? {} : { description: setting.description }),
          },
    ]),
  );
}

function schemaOf(setting: Setting, tools: readonly string[]): object {
  switch (setting.kind) {
    case 'word':
      return { type: 'string', enum: setting.words };
    case 'text':
      return { type: 'string', ...(setting.only === undefined ? {} : { pattern: setting.only.pattern }) };
    case 'version':
      return { type: ['string', 'number'] };
    case 'count':
      return { type: 'integer', minimum: setting.least };
    case 'rules':
      // Beside a reference draft 7 lets nothing count, so the description goes around it.
      return { allOf: [{ $ref: '#/definitions/rules' }] };
    case 'section':
      return { type: 'object', additionalProperties: false, properties: membersSchema(setting.members, tools) };
    case 'named':
      return {
        type: 'object',
        additionalProperties: {
          type: 'object',
          additionalProperties: false,
          properties: membersSchema(setting.members, tools),
        },
      };
    case 'folders':
      return { anyOf: [FOLDER, { type: 'array', items: FOLDER }] };
    default:
      return assertNever(setting);
  }
}
