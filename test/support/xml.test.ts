import assert from 'node:assert/strict';
import { parseXml } from './xml.ts';

const HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n';

describe('the reader of XML', () => {
  it('reads what is well-formed', () => {
    const root = parseXml(`${HEAD}<a b="1 &quot;&#10;">x &lt;<c/>y<d e="f"></d></a>\n`);
    assert.deepEqual(root, {
      name: 'a',
      attributes: { b: '1 "\n' },
      text: 'x <y',
      children: [
        { name: 'c', attributes: {}, children: [], text: '' },
        { name: 'd', attributes: { e: 'f' }, children: [], text: '' },
      ],
    });
  });

  const faults: Readonly<Record<string, string>> = {
    'no declaration': '<a/>',
    'two roots': `${HEAD}<a/><b/>`,
    'no root': HEAD,
    'text outside': `${HEAD}<a/>x`,
    'not closed': `${HEAD}<a><b></a>`,
    'closed twice': `${HEAD}<a></a></a>`,
    'left open': `${HEAD}<a>`,
    'a bare &': `${HEAD}<a>x & y</a>`,
    'an unknown entity': `${HEAD}<a>&nbsp;</a>`,
    'a bare >': `${HEAD}<a>x > y</a>`,
    'a bare <': `${HEAD}<a>x < y</a>`,
    'an attribute without quotes': `${HEAD}<a b=1/>`,
    'an attribute twice': `${HEAD}<a b="1" b="2"/>`,
    'a control character': `${HEAD}<a>\u0007</a>`,
    'half of a surrogate pair': `${HEAD}<a>\ud800</a>`,
  };
  for (const [what, text] of Object.entries(faults)) it(`refuses ${what}`, () => assert.throws(() => parseXml(text)));
});
