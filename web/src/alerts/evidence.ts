import type { Json, JsonObject } from '../api/types';

export interface EvidenceView {
  /** "userEvidence" → "user" as far as it is known, for the icon. */
  kind: string;
  title: string;
  verdict: string;
  remediation: string;
  roles: string[];
  /** What is left, as paths and texts: "fileDetails.sha256". */
  fields: { path: string; value: string }[];
}

const kinds: Record<string, string> = {
  userEvidence: 'user',
  deviceEvidence: 'device',
  ipEvidence: 'ip',
  fileEvidence: 'file',
  processEvidence: 'process',
  urlEvidence: 'url',
  dnsEvidence: 'domain',
  mailboxEvidence: 'mailbox',
  analyzedMessageEvidence: 'mail',
  mailClusterEvidence: 'mailCluster',
  cloudApplicationEvidence: 'app',
  oauthApplicationEvidence: 'app',
  cloudLogonSessionEvidence: 'session',
  hostLogonSessionEvidence: 'session',
  securityGroupEvidence: 'group',
  registryKeyEvidence: 'registry',
  registryValueEvidence: 'registry',
  azureResourceEvidence: 'cloudResource',
  amazonResourceEvidence: 'cloudResource',
  googleCloudResourceEvidence: 'cloudResource',
  containerEvidence: 'container',
  malwareEvidence: 'malware',
};

const base = [
  '@odata.type',
  'createdDateTime',
  'verdict',
  'remediationStatus',
  'remediationStatusDetails',
  'roles',
  'detailedRoles',
  'tags',
];

/** The most fields of one piece that are listed; the raw view has all. */
const most = 40;

/** Reads an alert's evidence for showing. Whatever its shape, it never throws. */
export function evidenceOf(alert: JsonObject): EvidenceView[] {
  const list = alert.evidence;
  if (!Array.isArray(list)) return [];
  return list.filter(isObject).map((item) => {
    const type = text(item['@odata.type']).replace(/^#?microsoft\.graph\.security\./, '');
    const fields = Object.entries(item)
      .filter(([key]) => !base.includes(key))
      .flatMap(([key, value]) => flatten(key, value, 0));
    return {
      kind: kinds[type] ?? 'other',
      title: titleOf(item, fields) || type || 'Evidence',
      verdict: text(item.verdict),
      remediation: text(item.remediationStatus),
      roles: Array.isArray(item.roles) ? item.roles.map(text).filter(Boolean) : [],
      fields: fields.slice(0, most),
    };
  });
}

const names = [
  'userAccount.displayName',
  'userAccount.userPrincipalName',
  'userAccount.accountName',
  'deviceDnsName',
  'hostName',
  'ipAddress',
  'fileDetails.fileName',
  'imageFile.fileName',
  'url',
  'domainName',
  'primaryAddress',
  'subject',
  'displayName',
  'resourceName',
  'registryKey',
  'name',
];

function titleOf(item: JsonObject, fields: { path: string; value: string }[]): string {
  for (const name of names) {
    const found = fields.find((f) => f.path === name);
    if (found !== undefined && found.value !== '') return found.value;
  }
  return text(item.id);
}

function flatten(path: string, value: Json, depth: number): { path: string; value: string }[] {
  if (value === null || value === '') return [];
  if (depth >= 3) return [{ path, value: JSON.stringify(value).slice(0, 500) }];
  if (Array.isArray(value)) {
    if (value.length === 0) return [];
    if (value.every((v) => typeof v !== 'object' || v === null)) return [{ path, value: value.map(text).join(', ') }];
    return value.slice(0, 10).flatMap((v, i) => flatten(`${path}[${i}]`, v, depth + 1));
  }
  if (isObject(value)) {
    return Object.entries(value)
      .filter(([key]) => key !== '@odata.type')
      .flatMap(([key, v]) => flatten(`${path}.${key}`, v, depth + 1));
  }
  return [{ path, value: String(value) }];
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function text(value: Json | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
