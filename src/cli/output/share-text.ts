import type { Share } from '../../core/analyze/decode/share.ts';

/** `1/3`; `~1/3` where five decimals are all there is; `24.7 %` for no such part. */
export function shareText(share: Share): string {
  if (share.oneOf === undefined || share.oneOf === 1) return percentText(share);
  return `${share.precision === 'five-decimals' ? '~' : ''}1/${share.oneOf}`;
}

/** `33.3 %`; as many digits as tell small parts from nothing. */
export function percentText({ ratio }: Pick<Share, 'ratio'>): string {
  const percent = ratio * 100;
  if (percent >= 99.95 || percent === 0) return `${percent.toFixed(0)} %`;
  if (percent >= 1) return `${percent.toFixed(1)} %`;
  return percent >= 0.0005 ? `${percent.toFixed(3)} %` : 'under 0.001 %';
}
