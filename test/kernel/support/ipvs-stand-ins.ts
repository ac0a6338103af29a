// Programs for a kernel without IPVS and dummy links: what they do not find there they keep in files of the folder IPVS_FOLDER, as the stand-in for
// netlink does (test/support/fake-ipvs-netlink.ts).
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** As strict as ipvsadm 1.31: it goes on behind a line that is refused, and ends with the status of the last one. */
const IPVSADM = String.raw`
declare -A servers reals
order=()
file="$IPVS_FOLDER/servers"
[ -e "$file" ] || : > "$file"
load() {
  while read -r op kind place rest; do
    case $op in
      -A) servers["$kind $place"]=$rest; order+=("$kind $place") ;;
      -a) set -- $rest; real=$2; shift 2; reals["$kind $place $real"]=$* ;;
    esac
  done < "$file"
}
refuse() { echo "$1" >&2; status=255; }
one() {
  local op=$1 key="$2 $3" real
  shift 3
  status=0
  case $op in
    -A) if [ -v "servers[$key]" ]; then refuse 'Service already exists'; else servers[$key]=$*; order+=("$key"); fi ;;
    -E) if [ -v "servers[$key]" ]; then servers[$key]=$*; else refuse 'No such service'; fi ;;
    -D) if [ -v "servers[$key]" ]; then
          unset "servers[$key]"
          for real in "!{!reals[@]}"; do case $real in "$key "*) unset "reals[$real]" ;; esac; done
        else refuse 'No such service'; fi ;;
    -[aed]) real="$key $2"; shift 2
      if [ ! -v "servers[$key]" ]; then refuse 'Service not defined'
      else case $op in
        -a) if [ -v "reals[$real]" ]; then refuse 'Destination already exists'; else reals[$real]=$*; fi ;;
        -e) if [ -v "reals[$real]" ]; then reals[$real]=$*; else refuse 'No such destination'; fi ;;
        -d) if [ -v "reals[$real]" ]; then unset "reals[$real]"; else refuse 'No such destination'; fi ;;
      esac; fi ;;
    *) refuse "unexpected $op" ;;
  esac
}
store() {
  local key real
  for key in "!{order[@]}"; do
    [ -v "servers[$key]" ] || continue
    echo "-A $key !{servers[$key]}"
    for real in "!{!reals[@]}"; do
      case $real in "$key "*) echo "-a $key -r !{real#"$key "} !{reals[$real]}" ;; esac
    done
  done > "$file.$$"
  mv "$file.$$" "$file"
}
[ -e "$IPVS_FOLDER/timeouts" ] || echo 900 120 300 > "$IPVS_FOLDER/timeouts"
status=0
case "$*" in
  '-S -n') exec /bin/cat "$file" ;;
  '-L --timeout') echo "Timeout (tcp tcpfin udp): $(< "$IPVS_FOLDER/timeouts")" ;;
  '-L -n')
    load
    printf 'IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n  -> RemoteAddress:Port           Forward Weight ActiveConn InActConn\n'
    while read -r op kind place rest; do
      set -- $rest
      if [ "$op" = -A ]; then case $kind in -t) echo "TCP  $place $2" ;; -u) echo "UDP  $place $2" ;; esac
      else echo "  -> $2 Masq $5 0 0"; fi
    done < "$file" ;;
  '--set '*) shift; echo "$*" > "$IPVS_FOLDER/timeouts" ;;
  -R) load; while read -r line; do one $line; done; store ;;
  *) load; one "$@"; store ;;
esac
exit $status
`;

/** A bridge without ports holds addresses just so. */
const IP = String.raw`
args=("$@")
for i in "!{!args[@]}"; do [ "!{args[i]}" = dummy ] && args[i]=bridge; done
exec REAL_IP "!{args[@]}"
`;

const SETTINGS = String.raw`
args=("$@")
for i in "!{!args[@]}"; do
  case !{args[i]} in
    /proc/sys/net/ipv4/vs/*) name="$IPVS_FOLDER/!{args[i]##*/}"; [ -e "$name" ] || echo 0 > "$name"; args[i]=$name ;;
    /proc/net/ip_vs)
      echo '  -> RemoteAddress:Port Forward Weight ActiveConn InActConn'
      sed -n 's/^-A -t/TCP /p; s/^-A -u/UDP /p; s/^-a -[tu] \S* -r/  ->/p' "$IPVS_FOLDER/servers" 2> /dev/null
      exit ;;
  esac
done
exec REAL_TOOL "!{args[@]}"
`;

/** Writes them; gives the path of each by the name of the program that it stands for. */
export function writeStandIns(
  folder: string,
  realPaths: Readonly<Record<'ip' | 'cat' | 'tee', string>>,
): ReadonlyMap<string, string> {
  const scripts = {
    ipvsadm: IPVSADM,
    ip: IP.replace('REAL_IP', realPaths.ip),
    cat: SETTINGS.replace('REAL_TOOL', realPaths.cat),
    tee: SETTINGS.replace('REAL_TOOL', realPaths.tee),
  };
  const paths = new Map<string, string>();
  for (const [name, script] of Object.entries(scripts)) {
    const path = join(folder, `stand-in-${name}`);
    writeFileSync(path, `#!/bin/bash\n${script.replaceAll('!{', '${')}`);
    chmodSync(path, 0o755);
    paths.set(name, path);
  }
  return paths;
}
