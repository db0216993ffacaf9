// Words for people, for the members of the API's enumerations. An unknown
// member is shown as its own name with its words apart.

const labels: Record<string, Record<string, string>> = {
  status: { active: 'New', new: 'New', inProgress: 'In progress', resolved: 'Resolved', redirected: 'Redirected' },
  severity: { high: 'High', medium: 'Medium', low: 'Low', informational: 'Informational', unknown: 'Unknown' },
  priority: { top: 'Top (over 85)', medium: 'Medium (15–85)', low: 'Low (under 15)' },
  classification: {
    unknown: 'Not set',
    '': 'Not set',
    truePositive: 'True positive',
    informationalExpectedActivity: 'Informational, expected activity',
    falsePositive: 'False positive',
  },
  determination: {
    unknown: 'Not set',
    '': 'Not set',
    multiStagedAttack: 'Multi-staged attack',
    maliciousUserActivity: 'Malicious user activity',
    compromisedAccount: 'Compromised account',
    malware: 'Malware',
    phishing: 'Phishing',
    unwantedSoftware: 'Unwanted software',
    securityTesting: 'Security test',
    lineOfBusinessApplication: 'Line-of-business application',
    confirmedActivity: 'Confirmed activity',
    notMalicious: 'Not malicious',
    notEnoughDataToValidate: 'Not enough data to validate',
    other: 'Other',
  },
  verdict: {
    malicious: 'Malicious',
    suspicious: 'Suspicious',
    noThreatsFound: 'No threat found',
    clean: 'Clean',
    unknown: 'Unknown',
    '': 'Unknown',
  },
  kind: {
    user: 'User',
    device: 'Device',
    ip: 'IP address',
    file: 'File',
    process: 'Process',
    url: 'URL',
    domain: 'Domain',
    mailbox: 'Mailbox',
    mail: 'Mail',
    mailCluster: 'Mail cluster',
    app: 'App',
    session: 'Session',
    group: 'Group',
    registry: 'Registry',
    cloudResource: 'Cloud resource',
    container: 'Container',
    malware: 'Malware',
    other: 'Other',
  },
  kinds: {
    user: 'Users',
    device: 'Devices',
    ip: 'IP addresses',
    file: 'Files',
    process: 'Processes',
    url: 'URLs',
    domain: 'Domains',
    mailbox: 'Mailboxes',
    mail: 'Mails',
    mailCluster: 'Mail clusters',
    app: 'Apps',
    session: 'Sessions',
    group: 'Groups',
    registry: 'Registry',
    cloudResource: 'Cloud resources',
    container: 'Containers',
    malware: 'Malware',
    other: 'Other',
  },
  identifier: {
    upn: 'User principal name',
    sid: 'Security identifier',
    aadId: 'Entra object id',
    sam: 'Account name',
    fqdn: 'Full host name',
    hostName: 'Host name',
    name: 'Account name',
    adGuid: 'Directory GUID',
    aadDeviceId: 'Entra device id',
    mac: 'MAC address',
    deviceId: 'Device id',
    address: 'Address',
    sha256: 'SHA-256',
    sha1: 'SHA-1',
    md5: 'MD5',
    path: 'Path',
    url: 'URL',
    smtp: 'Mail address',
    mail: 'Mail address',
    messageId: 'Message id',
  },
  activity: {
    created: 'Created',
    alertsAdded: 'Alerts added',
    alertUpdated: 'Alert updated',
    alertsMovedIn: 'Alerts moved in',
    alertsMovedOut: 'Alerts moved out',
    merged: 'Merged',
    mergedInto: 'Merged into another',
    mergeUndone: 'Merge undone',
    restored: 'Restored',
    split: 'Split',
    entityChanged: 'Entity',
    statusChanged: 'Status',
    severityChanged: 'Severity',
    ownerChanged: 'Owner',
    nameChanged: 'Name',
    tagsChanged: 'Tags',
    classified: 'Classification',
    commented: 'Comment',
    taskAdded: 'Task added',
    taskChanged: 'Task changed',
    taskCompleted: 'Task completed',
    taskReopened: 'Task reopened',
    taskMoved: 'Task moved',
    taskDeleted: 'Task deleted',
    suggestionRejected: 'Suggestion rejected',
    suggestionReopened: 'Suggestion open again',
    settingsChanged: 'Correlation settings',
  },
  criticality: { critical: 'Critical', high: 'High criticality', normal: 'Normal', low: 'Low criticality' },
  actor: { user: 'Person', system: 'System', automation: 'Automation' },
  role: { admin: 'Administrator', analyst: 'Analyst', viewer: 'Viewer' },
  reason: {
    repeatedAlertOccurrence: 'Repeated alert',
    sameGeography: 'Same geography',
    similarArtifacts: 'Similar artifacts',
    sameTargetedAsset: 'Same targeted asset',
    sameNetworkSegment: 'Same network segment',
    eventSequence: 'Sequence of events',
    timeFrame: 'Same time frame',
    sameThreatSource: 'Same threat source',
    similarTTPsOrBehavior: 'Similar techniques or behaviour',
    sameActor: 'Same actor',
    sameCampaign: 'Same campaign',
    sharedIndicators: 'Shared indicators',
    sameAsset: 'Same asset',
    networkProximity: 'Network proximity',
    eventCasualSequence: 'Causal sequence',
    temporalProximity: 'Close in time',
    lateralMovementPath: 'Lateral movement path',
  },
  source: {
    microsoftDefenderForEndpoint: 'Defender for Endpoint',
    microsoftDefenderForIdentity: 'Defender for Identity',
    microsoftDefenderForCloudApps: 'Defender for Cloud Apps',
    microsoftDefenderForOffice365: 'Defender for Office 365',
    microsoft365Defender: 'Defender XDR',
    azureAdIdentityProtection: 'Entra ID Protection',
    microsoftAppGovernance: 'App governance',
    dataLossPrevention: 'Data loss prevention',
    microsoftDefenderForCloud: 'Defender for Cloud',
    microsoftSentinel: 'Sentinel',
    microsoftInsiderRiskManagement: 'Insider risk management',
    microsoftThreatIntelligence: 'Threat intelligence',
  },
};

export type Vocabulary =
  | 'status'
  | 'severity'
  | 'priority'
  | 'classification'
  | 'determination'
  | 'criticality'
  | 'verdict'
  | 'kind'
  | 'kinds'
  | 'identifier'
  | 'activity'
  | 'actor'
  | 'role'
  | 'reason'
  | 'source'
  | 'tactic';

/** The word for a member; an unknown member gives its own name, readable. */
export function word(vocabulary: Vocabulary, member: string): string {
  return labels[vocabulary]?.[member] ?? spaced(member);
}

/** "initialAccess", "InitialAccess" and "initial-access" give "Initial access". */
export function spaced(name: string): string {
  const words = name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[-_]+/g, ' ')
    .trim()
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** The determinations that go with each classification. */
export const determinations: Record<string, string[]> = {
  unknown: [],
  truePositive: [
    'multiStagedAttack',
    'maliciousUserActivity',
    'compromisedAccount',
    'malware',
    'phishing',
    'unwantedSoftware',
    'other',
  ],
  informationalExpectedActivity: ['securityTesting', 'lineOfBusinessApplication', 'confirmedActivity', 'other'],
  falsePositive: ['notMalicious', 'notEnoughDataToValidate', 'other'],
};

/** The tactics of ATT&CK in kill-chain order, by their letters alone. */
const chain = [
  'reconnaissance',
  'resourcedevelopment',
  'initialaccess',
  'execution',
  'persistence',
  'privilegeescalation',
  'defenseevasion',
  'credentialaccess',
  'discovery',
  'lateralmovement',
  'collection',
  'commandandcontrol',
  'exfiltration',
  'impact',
];

/** The place of a tactic in the kill chain; unknown ones come last. */
export function tacticOrder(tactic: string): number {
  const i = chain.indexOf(tactic.toLowerCase().replace(/[^a-z]/g, ''));
  return i < 0 ? chain.length : i;
}

/** The kinds of what an organisation protects; the rest is evidence. */
export const assetKinds = ['device', 'user', 'mailbox', 'app', 'cloudResource'];
