/** ipvs/virtual-server */
export const virtualServerShape = {
  service: { kind: 'text', doc: 'option and address, `-t 10.96.0.1:80`, `-u`, `--sctp-service`, `-f MARK`' },
  scheduler: { kind: 'text', doc: '`rr` or another of the kernel’s' },
  persistence: { kind: 'text', doc: 'seconds that a client stays with its real server; empty: it does not' },
  mask: { kind: 'text', doc: 'which part of a client’s address counts; empty: all of it' },
  engine: { kind: 'text', doc: 'persistence engine; empty: none' },
  onePacket: { kind: 'flag', doc: 'UDP packets are scheduled one by one' },
  flags: { kind: 'text', doc: 'flags of the scheduler, `mh-port`; empty: none' },
  realServers: {
    kind: 'list',
    doc: 'the real servers, sorted as text',
    of: {
      address: { kind: 'text', doc: '`address:port`' },
      forwarding: { kind: 'text', doc: '`-m`, `-g` or `-i`' },
      weight: { kind: 'number', doc: '1; 0 takes no new connections' },
      tunnel: { kind: 'text', doc: 'how packets are tunnelled; empty: they are not' },
    },
  },
} as const;

/** ipset/set */
export const ipSetShape = {
  name: { kind: 'text', doc: '`KUBE-CLUSTER-IP`' },
  type: { kind: 'text', doc: '`hash:ip,port`' },
  header: { kind: 'text', doc: 'family and sizes' },
  members: {
    kind: 'list',
    doc: 'the members, sorted as text',
    of: {
      element: { kind: 'text', doc: '`10.96.0.1,tcp:80`' },
      options: { kind: 'text', doc: 'what stands behind it, `timeout 60`; kube-proxy’s sets have nothing there' },
    },
  },
} as const;
