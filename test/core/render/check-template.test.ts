import { strict as assert } from 'node:assert';
import Handlebars from 'handlebars';
import { checkTemplate } from '../../../src/core/render/check-template.ts';
import type { Shape } from '../../../src/core/render/shape.ts';

const SHAPE: Shape = {
  chain: { kind: 'text', doc: '' },
  port: { kind: 'number', doc: '' },
  masquerade: { kind: 'flag', doc: '' },
  endpoints: {
    kind: 'list',
    doc: '',
    of: {
      address: { kind: 'text', doc: '' },
      ports: { kind: 'list', doc: '', of: { number: { kind: 'number', doc: '' } } },
    },
  },
};

function faults(text: string): readonly string[] {
  return checkTemplate(Handlebars.parse(text), SHAPE).map(
    ({ code, line, column, message, hint }) =>
      `${line}:${column} ${code.replace('template-', '')}: ${message}${hint === undefined ? '' : ` (${hint})`}`,
  );
}

describe('checkTemplate', () => {
  const fine = [
    '',
    'plain text\n',
    '{{!-- a comment --}}{{! another }}',
    '-A {{chain}} --dport {{port}}',
    '{{{chain}}}',
    '{{#if masquerade}}x{{else}}y{{/if}}',
    '{{#unless masquerade}}x{{/unless}}',
    '{{#if chain}}x{{/if}}',
    '{{#if endpoints}}x{{/if}}',
    '{{#if masquerade}}x{{else if chain}}y{{/if}}',
    '{{^if masquerade}}x{{/if}}',
    '{{#each endpoints}}{{address}} {{../chain}}{{#each ports}}{{number}}{{../address}}{{../../port}}{{/each}}{{/each}}',
    '{{#each endpoints}}{{#if ../masquerade}}{{../chain}}{{/if}}{{else}}{{chain}}{{/each}}',
  ];
  for (const text of fine) it(`lets pass: ${text}`, () => assert.deepEqual(faults(text), []));

  const only = 'only {{#each list}}, {{#if field}} and {{#unless field}} are allowed';
  const helper = 'helpers are not allowed; a field stands alone';
  const plain = 'only plain field names are allowed';
  const bad: Readonly<Record<string, readonly string[]>> = {
    'a {{chian}}': ['1:5 unknown-field: there is no field "chian" here (did you mean chain?)'],
    '\n  {{zzz}}': [
      '2:5 unknown-field: there is no field "zzz" here (the fields here are chain, port, masquerade, endpoints)',
    ],
    '{{#each endpoints}}\n{{chain}}{{/each}}': [
      '2:3 unknown-field: there is no field "chain" here (did you mean ../chain?)',
    ],
    '{{#each endpoints}}{{#each ports}}{{chain}}{{/each}}{{/each}}': [
      '1:37 unknown-field: there is no field "chain" here (did you mean ../../chain?)',
    ],
    '{{../chain}}': ['1:3 unknown-field: there is no field "../chain" here (this view has no fields)'],
    '{{constructor}}': [
      '1:3 unknown-field: there is no field "constructor" here (the fields here are chain, port, masquerade, endpoints)',
    ],
    '{{#if chain}}{{else}}{{nope}}{{/if}}': [
      '1:24 unknown-field: there is no field "nope" here (the fields here are chain, port, masquerade, endpoints)',
    ],
    '{{endpoints}}': ['1:1 not-allowed: a list cannot be printed; use {{#each}}'],
    '{{masquerade}}': ['1:1 not-allowed: a flag cannot be printed; use {{#if}}'],
    '{{#each chain}}{{/each}}': ['1:1 not-allowed: {{#each}} needs a list'],
    '{{#if port}}{{/if}}': ['1:1 not-allowed: a number cannot be a condition: 0 would count as false'],
    '{{#unless port}}{{/unless}}': ['1:1 not-allowed: a number cannot be a condition: 0 would count as false'],
    '{{lookup chain port}}': [`1:1 not-allowed: ${helper}`],
    '{{chain a=port}}': [`1:1 not-allowed: ${helper}`],
    '{{#with chain}}{{/with}}': [`1:1 not-allowed: ${only}`],
    '{{#if chain port}}{{/if}}': [`1:1 not-allowed: ${only}`],
    '{{#if chain includeZero=true}}{{/if}}': [`1:1 not-allowed: ${only}`],
    '{{#each endpoints as |e|}}{{/each}}': [`1:1 not-allowed: ${only}`],
    '{{#chain}}{{/chain}}': [`1:1 not-allowed: ${only}`],
    '{{#if (lookup chain port)}}{{/if}}': [`1:7 not-allowed: ${plain}`],
    '{{#if true}}{{/if}}': [`1:7 not-allowed: ${plain}`],
    '{{this}}': [`1:3 not-allowed: ${plain}`],
    '{{chain.length}}': [`1:3 not-allowed: ${plain}`],
    '{{@root.chain}}': [`1:3 not-allowed: ${plain}`],
    '{{"text"}}': [`1:3 not-allowed: ${plain}`],
    '{{> part}}': ['1:1 not-allowed: PartialStatement is not allowed; templates have each, if, unless and fields'],
    '{{#> part}}{{/part}}': [
      '1:1 not-allowed: PartialBlockStatement is not allowed; templates have each, if, unless and fields',
    ],
    '{{* decorator}}': ['1:1 not-allowed: Decorator is not allowed; templates have each, if, unless and fields'],
    '{{#*inline "a"}}{{/inline}}': [
      '1:1 not-allowed: DecoratorBlock is not allowed; templates have each, if, unless and fields',
    ],
    '{{masquerade}}\n{{nope}}': [
      '1:1 not-allowed: a flag cannot be printed; use {{#if}}',
      '2:3 unknown-field: there is no field "nope" here (the fields here are chain, port, masquerade, endpoints)',
    ],
  };
  for (const [text, expected] of Object.entries(bad)) {
    it(`finds the fault: ${JSON.stringify(text)}`, () => assert.deepEqual(faults(text), expected));
  }
});
