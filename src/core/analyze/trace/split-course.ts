import type { Asker } from './assumptions.ts';
import type { Course } from './course.ts';
import type { Question } from './question.ts';
import { splitByQuestion } from './weight.ts';

/** A course where the answer is yes, and where it is no; undefined where it cannot be that. */
export function splitCourse(
  course: Course,
  question: Question,
  asker: Asker,
): readonly [yes: Course | undefined, no: Course | undefined] {
  const known = asker.ask(question);
  if (known !== undefined) return known ? [course, undefined] : [undefined, course];
  const [yes, no] = splitByQuestion(course.weight, question);
  return [yes && { ...course, weight: yes }, no && { ...course, weight: no }];
}
