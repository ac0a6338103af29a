import {
  boolYaml11Tag,
  CORE_SCHEMA,
  defineScalarTag,
  intYaml11Tag,
  mergeTag,
  NOT_RESOLVED,
  type Schema,
} from 'js-yaml';

/** `12:30:45` is a number in YAML 1.1, which Go's YAML never took over: kubectl reads a text. */
const intAsGo = defineScalarTag<number>(intYaml11Tag.tagName, {
  ...intYaml11Tag,
  resolve: (source, isExplicit, tagName) =>
    source.includes(':') ? NOT_RESOLVED : intYaml11Tag.resolve(source, isExplicit, tagName),
});

/**
 * YAML as kubectl reads it (sigs.k8s.io/yaml): between 1.1 and 1.2. `on`, `yes` and `y` are booleans, 017 is fifteen, `<<` merges,
 * and dates stay texts.
 */
export const kubernetesSchema: Schema = CORE_SCHEMA.withTags([boolYaml11Tag, intAsGo, mergeTag]);
