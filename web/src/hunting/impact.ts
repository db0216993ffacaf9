import { cellText } from './cell';
import type { ResultColumn, ResultTable } from './contract';

// Which columns of a result say who or what was hit, and which alerts come of it.

export const impactKinds = ['device', 'user', 'mailbox', 'ip', 'file', 'url', 'mail'] as const;
export type ImpactKind = (typeof impactKinds)[number];

/** The column of each kind of entity that was chosen. */
export type Impacted = Partial<Record<ImpactKind, string>>;

/** Column names by how well they tell the entity, best first. */
const named: Record<ImpactKind, RegExp[]> = {
  device: [/^DeviceId$/i, /^DeviceName$/i, /^(Computer|HostName|DvcHostname|SrcHostname)$/i, /Device(Name|Id)$/i],
  user: [
    /^AccountObjectId$/i,
    /^AccountUpn$/i,
    /^(UserPrincipalName|TargetUserPrincipalName)$/i,
    /^AccountSid$/i,
    /^AccountName$/i,
    /^(UserId|ActorUsername|UserName|Account)$/i,
    /AccountUpn$/i,
    /AccountSid$/i,
    /AccountName$/i,
  ],
  mailbox: [/^RecipientEmailAddress$/i, /^(MailboxOwnerUPN|Mailbox)$/i, /RecipientEmailAddress$/i],
  ip: [/^RemoteIP$/i, /^(IPAddress|SrcIpAddr|SourceIP|ClientIP|CallerIpAddress)$/i, /IP(Address)?$/i],
  file: [/^SHA256$/i, /^SHA1$/i, /^FileName$/i, /SHA256$/i, /SHA1$/i],
  url: [/^RemoteUrl$/i, /^Url$/i, /Url$/i],
  mail: [/^NetworkMessageId$/i],
};

/** The columns that can name an entity: texts. */
export const entityColumns = (columns: ResultColumn[]): ResultColumn[] =>
  columns.filter((c) => c.type === 'string' || c.type === 'guid');

/** The column that names the kind of entity best, by its name; one with values wins over an empty one. */
export function guessColumn(kind: ImpactKind, table: ResultTable): string | undefined {
  const offered = entityColumns(table.columns).filter((c) => hasValue(table, c.name));
  for (const pattern of named[kind]) {
    const found = offered.find((c) => pattern.test(c.name));
    if (found !== undefined) return found.name;
  }
  return undefined;
}

function hasValue(table: ResultTable, name: string): boolean {
  const at = table.columns.findIndex((c) => c.name === name);
  return table.rows.some((row) => cellText(row[at]) !== '');
}

/** What is preselected: assets; an address, file or link only when no asset is named. */
export function guessImpacted(table: ResultTable): Impacted {
  const pick = (kinds: readonly ImpactKind[]): Impacted =>
    Object.fromEntries(kinds.flatMap((kind) => pair(kind, guessColumn(kind, table))));
  const assets = pick(['device', 'user', 'mailbox']);
  return Object.keys(assets).length > 0 ? assets : pick(['ip', 'file', 'url', 'mail']);
}

const pair = (kind: ImpactKind, column: string | undefined): [ImpactKind, string][] =>
  column === undefined ? [] : [[kind, column]];

export interface Combination {
  /** The entities, one a chosen kind; a kind without a value is left out. */
  entities: [ImpactKind, string][];
  rows: number;
}

/** The distinct combinations of impacted entities among the rows: each becomes one alert. */
export function combinations(table: ResultTable, rows: number[], impacted: Impacted): Combination[] {
  const chosen = impactKinds.flatMap((kind) => {
    const at = table.columns.findIndex((c) => c.name === impacted[kind]);
    return at < 0 ? [] : [{ kind, at }];
  });
  const found = new Map<string, Combination>();
  for (const i of rows) {
    const entities = chosen
      .map(({ kind, at }): [ImpactKind, string] => [kind, cellText(table.rows[i]?.[at])])
      .filter(([, value]) => value !== '');
    if (entities.length === 0) continue;
    const key = JSON.stringify(entities.map(([kind, value]) => [kind, value.toLowerCase()]));
    const known = found.get(key);
    if (known === undefined) found.set(key, { entities, rows: 1 });
    else known.rows++;
  }
  return [...found.values()];
}
