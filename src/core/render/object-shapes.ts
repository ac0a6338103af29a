import type { Shape, ViewOf } from './shape.ts';
import { ipSetShape, virtualServerShape } from './shapes/ipvs-objects.ts';

/** Templates of what is no chain: their views are values, and the templates no more than their spelling. Users cannot replace them. */
export interface ObjectShapes {
  readonly 'ipvs/virtual-server': typeof virtualServerShape;
  readonly 'ipset/set': typeof ipSetShape;
}

export type ObjectTemplateName = keyof ObjectShapes;

export type ObjectViewFor<N extends ObjectTemplateName> = ViewOf<ObjectShapes[N]>;

export const objectShapes: ObjectShapes & { readonly [N in ObjectTemplateName]: Shape } = {
  'ipvs/virtual-server': virtualServerShape,
  'ipset/set': ipSetShape,
};
