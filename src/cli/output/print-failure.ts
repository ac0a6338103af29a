import { deniedAdvice } from '../../host/command-advice.ts';
import { CommandFailed } from '../../host/exec.ts';
import { HostError } from '../../host/host-error.ts';
import { ClusterError } from '../../host/sources/cluster/cluster-error.ts';
import { SourceError } from '../../host/sources/source-error.ts';
import { UsageError } from '../usage-error.ts';
import { plainText } from './plain-text.ts';
import { OutputError } from './streams.ts';

/** What a person sees of a thrown error. Only a bug of ours shows a stack, and only with -v. */
export function printFailure(error: unknown, verbose: boolean): string {
  if (error instanceof UsageError || error instanceof ClusterError) {
    return `error: ${error.message}\n${error.advice === undefined ? '' : `${error.advice}\n`}`;
  }
  if (error instanceof HostError) return printHostError(error);
  if (error instanceof CommandFailed) return `error: ${error.message}\n`;
  if (error instanceof SourceError || error instanceof OutputError) return `error: ${error.message}\n`;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const stack = verbose && error instanceof Error ? `${error.stack ?? ''}\n` : '';
  const more = verbose ? '' : '; -v shows where it happened';
  return `error: this is a bug in chainsmith: ${message}\nPlease report it, with the input that led to it${more}\n${stack}`;
}

function printHostError({ message, details, advice = deniedAdvice(message) }: HostError): string {
  const lines = [`error: ${message}`, ...details.map((line) => `  ${line}`), ...(advice === undefined ? [] : [advice])];
  // What tools say has rules of others in it.
  return lines.map((line) => `${line.replaceAll('\t', ' ').split('\n').map(plainText).join('\n')}\n`).join('');
}
