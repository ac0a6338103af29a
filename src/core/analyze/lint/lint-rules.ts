import type { LintRule } from './lint-rule.ts';
import { addressConflict } from './rules/address-conflict.ts';
import { affinityIncomplete } from './rules/affinity-incomplete.ts';
import { affinityListFull } from './rules/affinity-list-full.ts';
import { affinityListLimit } from './rules/affinity-list-limit.ts';
import { canaryMissing } from './rules/canary-missing.ts';
import { choiceFallsThrough } from './rules/choice-falls-through.ts';
import { clusterMasqueradeMissing } from './rules/cluster-masquerade-missing.ts';
import { conntrackStaleTcp } from './rules/conntrack-stale-tcp.ts';
import { conntrackStaleUdp } from './rules/conntrack-stale-udp.ts';
import { conntrackUntranslated } from './rules/conntrack-untranslated.ts';
import { dispatchLong } from './rules/dispatch-long.ts';
import { dnatMisprinted } from './rules/dnat-misprinted.ts';
import { duplicateForeignRule } from './rules/duplicate-foreign-rule.ts';
import { duplicateRule } from './rules/duplicate-rule.ts';
import { endpointAbsent } from './rules/endpoint-absent.ts';
import { endpointInTwoSlices } from './rules/endpoint-in-two-slices.ts';
import { endpointLeft } from './rules/endpoint-left.ts';
import { endpointNameMismatch } from './rules/endpoint-name-mismatch.ts';
import { endpointRepeated } from './rules/endpoint-repeated.ts';
import { endpointWithoutDnat } from './rules/endpoint-without-dnat.ts';
import { entryJumpMissing } from './rules/entry-jump-missing.ts';
import { entryJumpShadowed } from './rules/entry-jump-shadowed.ts';
import { externalChainDeadEnd } from './rules/external-chain-dead-end.ts';
import { externalMasqueradeMissing } from './rules/external-masquerade-missing.ts';
import { familyMissing } from './rules/family-missing.ts';
import { familyWithoutEndpoints } from './rules/family-without-endpoints.ts';
import { firewallDropsAll } from './rules/firewall-drops-all.ts';
import { fiveDecimals } from './rules/five-decimals.ts';
import { foreignRule } from './rules/foreign-rule.ts';
import { foreignRuleNeverReached } from './rules/foreign-rule-never-reached.ts';
import { forwardMarkLost } from './rules/forward-mark-lost.ts';
import { frontendContested } from './rules/frontend-contested.ts';
import { frontendMissing } from './rules/frontend-missing.ts';
import { hairpinRuleMissing } from './rules/hairpin-rule-missing.ts';
import { hintsIgnored } from './rules/hints-ignored.ts';
import { hostPortSteals } from './rules/host-port-steals.ts';
import { hostPortsFirst } from './rules/host-ports-first.ts';
import { invalidDropAbsent } from './rules/invalid-drop-absent.ts';
import { invalidDropPresent } from './rules/invalid-drop-present.ts';
import { ipvsFilterMissing } from './rules/ipvs-filter-missing.ts';
import { ipvsHairpinMissing } from './rules/ipvs-hairpin-missing.ts';
import { ipvsLeftBehind } from './rules/ipvs-left-behind.ts';
import { ipvsMasqueradeMissing } from './rules/ipvs-masquerade-missing.ts';
import { ipvsRangesNotEnforced } from './rules/ipvs-ranges-not-enforced.ts';
import { ipvsSourceLost } from './rules/ipvs-source-lost.ts';
import { jumpToEmptyChain } from './rules/jump-to-empty-chain.ts';
import { jumpToMissingChain } from './rules/jump-to-missing-chain.ts';
import { legacyTablesPresent } from './rules/legacy-tables-present.ts';
import { loadBalancerIpHandled } from './rules/load-balancer-ip-handled.ts';
import { localnetExposed } from './rules/localnet-exposed.ts';
import { manyRules } from './rules/many-rules.ts';
import { markCleared } from './rules/mark-cleared.ts';
import { markDropWithoutEffect } from './rules/mark-drop-without-effect.ts';
import { markMasqWithoutEffect } from './rules/mark-masq-without-effect.ts';
import { markNotCleared } from './rules/mark-not-cleared.ts';
import { masqueradeBypassed } from './rules/masquerade-bypassed.ts';
import { masqueradeMarkMismatch } from './rules/masquerade-mark-mismatch.ts';
import { masqueradeMissing } from './rules/masquerade-missing.ts';
import { masqueradeOnNodePort } from './rules/masquerade-on-node-port.ts';
import { noClusterMasquerade } from './rules/no-cluster-masquerade.ts';
import { noEndpoints } from './rules/no-endpoints.ts';
import { noLocalEndpoints } from './rules/no-local-endpoints.ts';
import { nodeNameMismatch } from './rules/node-name-mismatch.ts';
import { nodePortUneven } from './rules/node-port-uneven.ts';
import { nodePortsNotLast } from './rules/node-ports-not-last.ts';
import { nodePortsUnreached } from './rules/node-ports-unreached.ts';
import { onlyTerminating } from './rules/only-terminating.ts';
import { orphanChain } from './rules/orphan-chain.ts';
import { postroutingMarkLost } from './rules/postrouting-mark-lost.ts';
import { randomFullyMissing } from './rules/random-fully-missing.ts';
import { realServerNotMasqueraded } from './rules/real-server-not-masqueraded.ts';
import { refusedDespiteEndpoints } from './rules/refused-despite-endpoints.ts';
import { rejectListLong } from './rules/reject-list-long.ts';
import { rejectWithEndpoints } from './rules/reject-with-endpoints.ts';
import { ruleNeverReached } from './rules/rule-never-reached.ts';
import { schedulersDiffer } from './rules/schedulers-differ.ts';
import { serviceAddressUnbound } from './rules/service-address-unbound.ts';
import { serviceMissing } from './rules/service-missing.ts';
import { serviceUnexpected } from './rules/service-unexpected.ts';
import { setStillUsed } from './rules/set-still-used.ts';
import { sharesUneven } from './rules/shares-uneven.ts';
import { sourceRangesBypassed } from './rules/source-ranges-bypassed.ts';
import { sourceRangesNotEnforced } from './rules/source-ranges-not-enforced.ts';
import { staleReject } from './rules/stale-reject.ts';
import { tableFlushed } from './rules/table-flushed.ts';
import { twoEras } from './rules/two-eras.ts';
import { twoModes } from './rules/two-modes.ts';
import { twoVariants } from './rules/two-variants.ts';
import { unreachableChain } from './rules/unreachable-chain.ts';
import { virtualServerDrained } from './rules/virtual-server-drained.ts';
import { virtualServerFiltered } from './rules/virtual-server-filtered.ts';
import { virtualServerForeign } from './rules/virtual-server-foreign.ts';
import { virtualServerMissing } from './rules/virtual-server-missing.ts';
import { virtualServerWithoutServers } from './rules/virtual-server-without-servers.ts';
import { weightWithoutEffect } from './rules/weight-without-effect.ts';

/** Every lint rule, by its code. */
export const lintRules: readonly LintRule[] = [
  addressConflict,
  affinityIncomplete,
  affinityListFull,
  affinityListLimit,
  canaryMissing,
  choiceFallsThrough,
  clusterMasqueradeMissing,
  conntrackStaleTcp,
  conntrackStaleUdp,
  conntrackUntranslated,
  dispatchLong,
  dnatMisprinted,
  duplicateForeignRule,
  duplicateRule,
  endpointAbsent,
  endpointInTwoSlices,
  endpointLeft,
  endpointNameMismatch,
  endpointRepeated,
  endpointWithoutDnat,
  entryJumpMissing,
  entryJumpShadowed,
  externalChainDeadEnd,
  externalMasqueradeMissing,
  familyMissing,
  familyWithoutEndpoints,
  firewallDropsAll,
  fiveDecimals,
  foreignRule,
  foreignRuleNeverReached,
  forwardMarkLost,
  frontendContested,
  frontendMissing,
  hairpinRuleMissing,
  hintsIgnored,
  hostPortSteals,
  hostPortsFirst,
  invalidDropAbsent,
  invalidDropPresent,
  ipvsFilterMissing,
  ipvsHairpinMissing,
  ipvsLeftBehind,
  ipvsMasqueradeMissing,
  ipvsRangesNotEnforced,
  ipvsSourceLost,
  jumpToEmptyChain,
  jumpToMissingChain,
  legacyTablesPresent,
  loadBalancerIpHandled,
  localnetExposed,
  manyRules,
  markCleared,
  markDropWithoutEffect,
  markMasqWithoutEffect,
  markNotCleared,
  masqueradeBypassed,
  masqueradeMarkMismatch,
  masqueradeMissing,
  masqueradeOnNodePort,
  noClusterMasquerade,
  noEndpoints,
  noLocalEndpoints,
  nodeNameMismatch,
  nodePortUneven,
  nodePortsNotLast,
  nodePortsUnreached,
  onlyTerminating,
  orphanChain,
  postroutingMarkLost,
  randomFullyMissing,
  realServerNotMasqueraded,
  refusedDespiteEndpoints,
  rejectListLong,
  rejectWithEndpoints,
  ruleNeverReached,
  schedulersDiffer,
  serviceAddressUnbound,
  serviceMissing,
  serviceUnexpected,
  setStillUsed,
  sharesUneven,
  sourceRangesBypassed,
  sourceRangesNotEnforced,
  staleReject,
  tableFlushed,
  twoEras,
  twoModes,
  twoVariants,
  unreachableChain,
  virtualServerDrained,
  virtualServerFiltered,
  virtualServerForeign,
  virtualServerMissing,
  virtualServerWithoutServers,
  weightWithoutEffect,
];
