/** The output of another command, known by a line of it. */
export interface ForeignFormat {
  readonly what: string;
  readonly hint: string;
}

const SAVE = 'take the rules with iptables-save (or ip6tables-save) as root, and give that';

const FORMATS: readonly (readonly [RegExp, ForeignFormat])[] = [
  [/^Chain \S+ \((?:policy|\d+ references)/, { what: 'a listing of iptables -L', hint: SAVE }],
  [/^(?:num +)?(?:pkts +bytes +)?target +prot +opt/, { what: 'a listing of iptables -L', hint: SAVE }],
  [/^table (?:ip|ip6|inet|arp|bridge|netdev) \S+ \{/, { what: 'a listing of nft', hint: SAVE }],
  [/^(?:chain|map|set) \S+ \{/, { what: 'a listing of nft', hint: SAVE }],
  [/^IP Virtual Server version/, { what: 'a listing of ipvsadm', hint: SAVE }],
  [/^-[Aa] -[tuf] \S+ -[rs] /, { what: 'what ipvsadm -S prints', hint: SAVE }],
  [/^(?:create|add) \S+ (?:hash|bitmap|list):/, { what: 'what ipset save prints', hint: SAVE }],
  [/^Type: (?:hash|bitmap|list):/, { what: 'a listing of ipset', hint: SAVE }],
  [/^<iptables-rules/, { what: 'the output of iptables-xml', hint: SAVE }],
  [/(?:^|\s)TRACE: \w+:\S+:(?:rule|policy|return):\d+ /, { what: "the kernel's log of traced packets", hint: SAVE }],
  [/\\n(?:-A |:[A-Z]|\*[a-z]+\\n)/, { what: 'a dump inside of a log line, its line ends written as \\n', hint: SAVE }],
  [/^"?apiVersion"?: *"?[a-z][\w./]*"?,?$/, { what: 'a Kubernetes object', hint: SAVE }],
  [/^\{.*"apiVersion": ?"/, { what: 'a Kubernetes object', hint: SAVE }],
  [/^[<>+-] ?(?:-A |:\S+ \S+ \[)/, { what: 'a diff of dumps', hint: 'give one of the dumps itself' }],
];

/** The format that a line gives away; `content` is without blanks around it. */
export function foreignFormat(content: string): ForeignFormat | undefined {
  return FORMATS.find(([pattern]) => pattern.test(content))?.[1];
}
