// What a back-test tries: pure functions between a form and the API's settings.

import type { AlertSet, CorrelationSettings, Judgement, KeptModel, RuleControl, RuleRow } from '../api/types';
import { count } from '../text/count';

/** What the form changes of the settings in force. */
export interface Draft {
  days: number;
  /** Added to the log-odds of a link and of a merge; above 0 less is put together. */
  join: number;
  merge: number;
  /** Rules and identifiers that are excluded on top of the settings. */
  rules: string[];
  entities: string[];
  /** The number of the model; 0 is the one that the server starts with. */
  model: number;
}

export const emptyDraft: Draft = { days: 14, join: 0, merge: 0, rules: [], entities: [], model: 0 };

export const maxShift = 4;
export const maxDays = 365;

const network = /^[0-9a-f:.]+\/\d{1,3}$/i;

/** How an excluded thing is named in the settings. */
export function exclusionOf(text: string): CorrelationSettings['excludedEntities'][number] {
  const value = text.trim();
  if (network.test(value)) return { kind: 'cidr', value };
  return value.startsWith('*.') ? { kind: 'domain', value: value.slice(2) } : { kind: 'identifier', value };
}

/** The settings in force with the draft's changes. */
export function proposed(now: CorrelationSettings, draft: Draft): CorrelationSettings {
  const rules = now.rules.filter((r) => !draft.rules.includes(r.rule));
  const { model: _, ...rest } = now;
  return {
    ...rest,
    ...(draft.model > 0 ? { model: draft.model } : {}),
    rules: [
      ...rules,
      ...draft.rules.map((rule) => ({ ...now.rules.find((r) => r.rule === rule), rule, state: 'disabled' as const })),
    ],
    excludedEntities: [...now.excludedEntities, ...draft.entities.map(exclusionOf)],
    thresholds: { join: draft.join, merge: draft.merge },
  };
}

/** The draft that shows the thresholds in force. */
export function draftOf(now: CorrelationSettings): Draft {
  return { ...emptyDraft, join: now.thresholds?.join ?? 0, merge: now.thresholds?.merge ?? 0, model: now.model ?? 0 };
}

/** What a threshold's shift asks for, in words. */
export function odds(shift: number): string {
  if (Math.abs(shift) < 0.05) return 'as the model was trained';
  const times = Math.exp(Math.abs(shift)).toFixed(1);
  return `needs odds ${times} times ${shift > 0 ? 'higher' : 'lower'}`;
}

/** How a model is called; one that is not among those kept by its number. */
export function modelName(models: KeptModel[], id: number): string {
  return models.find((m) => m.id === id)?.version ?? `#${id} (deleted)`;
}

/** What numbers and keys of the settings are called. */
export interface Names {
  models: KeptModel[];
  rules: Pick<RuleRow, 'rule' | 'title'>[];
}

/** How a rule is called: by the title of its alerts, where it is known. */
export function ruleName(rules: Names['rules'], rule: string): string {
  const title = rules.find((r) => r.rule === rule)?.title;
  return title === undefined || title === '' ? rule : `“${title}”`;
}

const states: Record<RuleControl['state'], string> = {
  default: 'follows the default',
  enabled: 'is correlated',
  disabled: 'is excluded',
};

/** What a proposal changes, one sentence each. */
export function changes(now: CorrelationSettings, then: CorrelationSettings, { models, rules }: Names): string[] {
  const out: string[] = [];
  const [from, to] = [now.model ?? 0, then.model ?? 0];
  if (from !== to) out.push(`The model ${modelName(models, to)} decides instead of ${modelName(models, from)}`);
  const shift = (s: CorrelationSettings, of: 'join' | 'merge') => s.thresholds?.[of] ?? 0;
  if (shift(now, 'join') !== shift(then, 'join')) out.push(`Linking an alert ${odds(shift(then, 'join'))}`);
  if (shift(now, 'merge') !== shift(then, 'merge')) out.push(`Merging incidents ${odds(shift(then, 'merge'))}`);
  if (now.default !== then.default)
    out.push(
      then.default === 'enabled' ? 'Every rule that is not excluded is correlated' : 'Only rules that are enabled are correlated',
    );
  const state = (s: CorrelationSettings, rule: string) => s.rules.find((r) => r.rule === rule)?.state ?? 'default';
  for (const rule of new Set([...now.rules, ...then.rules].map((r) => r.rule))) {
    if (state(now, rule) !== state(then, rule)) out.push(`Rule ${ruleName(rules, rule)} ${states[state(then, rule)]}`);
  }
  const named = (s: CorrelationSettings) => s.excludedEntities.map((x) => x.value);
  for (const value of named(then)) if (!named(now).includes(value)) out.push(`Nothing is linked by ${value}`);
  for (const value of named(now)) if (!named(then).includes(value)) out.push(`Links by ${value} are allowed again`);
  return out;
}

/** Changes in one line of a list: the first, and how many more. */
export function inShort(told: string[]): string {
  const [first = '', ...rest] = told;
  return rest.length === 0 ? first : `${first}, and ${count(rest.length, 'more change')}`;
}

export interface Compared {
  name: string;
  hint: string;
  inForce: string;
  proposed: string;
  /** Whether it would get better; undefined when it stays or nobody can say. */
  better: boolean | undefined;
}

const share = (v: number) => v.toFixed(2);

function figure(name: string, hint: string, now: number, then: number, up: boolean): Compared {
  const same = Math.abs(now - then) < 0.005;
  return { name, hint, inForce: share(now), proposed: share(then), better: same ? undefined : then > now === up };
}

/** How well both agree with people, row by row. */
export function agreement(now: Judgement, then: Judgement): Compared[] {
  return [
    figure('Best F1', 'How well one incident matches each confirmed one', now.bestF1, then.bestF1, true),
    figure('Captured', 'Share of a confirmed incident that comes together again', now.captured, then.captured, true),
    figure('Purity', 'Share of that incident which belongs to it', now.purity, then.purity, true),
    figure(
      'Contamination',
      'Share of what was closed as something else beside confirmed alerts',
      now.contamination,
      then.contamination,
      false,
    ),
    {
      name: 'Put together again',
      hint: 'Of what people took apart',
      inForce: `${now.rejoined} of ${now.parted}`,
      proposed: `${then.rejoined} of ${then.parted}`,
      better: now.rejoined === then.rejoined ? undefined : then.rejoined < now.rejoined,
    },
  ];
}

/** The parts to show one by one, and how many new ones of a single alert stand beside them. */
export function shownParts(parts: AlertSet[]): { parts: AlertSet[]; single: number } {
  const alone = (p: AlertSet) => p.incident === 0 && p.alerts === 1;
  const single = parts.filter(alone).length;
  return single < 2 ? { parts, single: 0 } : { parts: parts.filter((p) => !alone(p)), single };
}
