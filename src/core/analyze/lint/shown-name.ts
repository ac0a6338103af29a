/** The name as Kubernetes has it today: before 1.19 an unnamed port left a colon at the end. */
export function shownName(written: string): string {
  return written.endsWith(':') ? written.slice(0, -1) : written;
}
