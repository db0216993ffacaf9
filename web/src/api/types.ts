// The shapes of the API as the portal uses them.

export type Severity = 'high' | 'medium' | 'low' | 'informational' | 'unknown';

export interface SessionInfo {
  user: { name: string; displayName: string; role: Role };
  workspace: string;
  workspaces: string[];
  version: string;
}

export type Role = 'admin' | 'analyst' | 'viewer';

export interface Page<T> {
  items: T[];
  next?: string;
}

export interface Facet {
  value: string;
  count: number;
}

export interface Facets {
  total: number;
  fields: Record<string, Facet[]>;
}

export interface AssetRef {
  id: number;
  kind: string;
  label: string;
}

export interface PriorityFactor {
  name: string;
  points: number;
  text: string;
}

export interface Tally {
  alerts: number;
  severities: Record<string, number>;
  statuses: Record<string, number>;
  tactics: Record<string, number>;
  techniques: Record<string, number>;
  products: Record<string, number>;
  sources: Record<string, number>;
  detections: Record<string, number>;
  titles: Record<string, number>;
}

export interface Incident {
  id: number;
  name: string;
  nameEdited?: boolean;
  status: string;
  severity: string;
  severityEdited?: boolean;
  classification: string;
  determination: string;
  owner: string;
  tags: string[];
  systemTags: string[];
  priority: number;
  priorityFactors: PriorityFactor[];
  resolvingComment?: string;
  redirectTo?: number;
  createdAt: string;
  updatedAt: string;
  updatedBy?: string;
  resolvedAt?: string;
  firstActivity: string;
  lastActivity: string;
  tally: Tally;
  scope: Record<string, number>;
  topAssets: AssetRef[];
  version: number;
}

export interface IncidentPatch {
  name?: string;
  status?: string;
  severity?: string;
  owner?: string;
  tags?: string[];
  classification?: string;
  determination?: string;
  resolvingComment?: string;
  comment?: string;
}

export interface LinkedAlert {
  id: string;
  title: string;
  score: number;
}

export interface SharedEntity {
  id: number;
  kind: string;
  label: string;
  alerts: number;
  total: number;
}

export interface Fact {
  feature: string;
  weight: number;
  text: string;
}

export interface Link {
  score: number;
  alerts?: LinkedAlert[];
  entities?: SharedEntity[];
  reasons?: string[];
  facts?: Fact[];
  gapSeconds?: number;
  tacticFrom?: string;
  tacticTo?: string;
  manual?: boolean;
  model?: string;
}

export interface AlertEntityRef {
  id: number;
  kind: string;
  label: string;
  impacted: boolean;
  verdict?: string;
  roles?: string[];
}

export interface AlertRow {
  id: string;
  title: string;
  severity: string;
  status: string;
  classification: string;
  determination: string;
  owner: string;
  category: string;
  tactics: string[];
  techniques: string[];
  product: string;
  serviceSource: string;
  detectionSource: string;
  rule: string;
  firstActivity: string;
  lastActivity: string;
  received: string;
  incident: number;
  link: Link;
  entities?: AlertEntityRef[];
}

export interface AlertPatch {
  status?: string;
  classification?: string;
  determination?: string;
  owner?: string;
  comment?: string;
}

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export interface AlertDetail {
  row: AlertRow;
  alert: JsonObject;
  raw?: string;
  entities: AlertEntityRef[];
}

export interface IncidentEntity {
  id: number;
  kind: string;
  label: string;
  impacted: boolean;
  verdict: string;
  roles: string[];
  alerts: number;
  firstSeen: string;
  lastSeen: string;
}

export interface Activity {
  id: number;
  incident: number;
  origin?: number;
  at: string;
  actor: { kind: string; name: string };
  kind: string;
  text: string;
  details?: JsonObject;
  alerts?: string[];
  count?: number;
  merge?: number;
  undoable?: boolean;
}

export interface MergeRecord {
  id: number;
  source: number;
  target: number;
  at: string;
  actor: { kind: string; name: string };
  reason?: string;
  link?: Link;
  undoneAt?: string;
  undoneBy?: string;
}

export interface LearntIdentifier {
  kind: string;
  type: string;
  scope?: string;
  value: string;
  alert: string;
  at: string;
}

export interface Entity {
  id: number;
  kind: string;
  label: string;
  critical?: boolean;
  redirectTo?: number;
  firstSeen: string;
  lastSeen: string;
  alerts: number;
  incidents: number;
  identifiers?: LearntIdentifier[];
}

export interface Reject {
  id: number;
  at: string;
  source: string;
  origin: string;
  record: number;
  field: string;
  reason: string;
  raw: string; // base64
  rawBytes: number;
}

export interface Intake {
  received: number;
  new: number;
  updated: number;
  unchanged: number;
  rejected: number;
  folded: number;
  last?: string;
}

export interface HourCount {
  hour: string;
  alerts: number;
  incidents: number;
}

export interface TimelineItem {
  at: string;
  end: string;
  alertId: string;
  title: string;
  severity: string;
  tactic: string;
  product: string;
  entities: number[];
  link: string;
  count: number;
  folded?: string[];
}

export interface StoryNode {
  id: string;
  entity: number;
  kind: string;
  label: string;
  impacted: boolean;
  critical?: boolean;
  verdict: string;
  roles: string[];
  firstSeen: string;
  lastSeen: string;
  alerts: string[];
  alertCount: number;
  group?: { count: number; members: number[] } | undefined;
}

export interface StoryEdge {
  id: string;
  from: string;
  to: string;
  kind: string;
  label: string;
  alerts: string[];
  alertCount: number;
  firstSeen: string;
}

export interface StoryGraph {
  nodes: StoryNode[];
  edges: StoryEdge[];
  folded: number;
}

export interface KillChainStep {
  tactic: string;
  name: string;
  alerts: number;
  first: string;
  last: string;
}

export interface Sentence {
  text: string;
  alerts: string[];
  entities: number[];
}

export interface Story {
  incident: number;
  timeline: TimelineItem[];
  timelineTotal: number;
  graph: StoryGraph;
  killChain: KillChainStep[];
  sentences: Sentence[];
  scope: Record<string, number>;
}

export interface SearchResult {
  incidents: Incident[];
  alerts: AlertRow[];
  entities: Entity[];
}

export interface User {
  name: string;
  displayName: string;
  role: Role;
  disabled?: boolean;
  createdAt: string;
  lastSignIn?: string;
}

export interface Token {
  id: string;
  name: string;
  user: string;
  scopes: string[];
  createdAt: string;
  expiresAt?: string;
  lastUsed?: string;
}

export interface Invitation {
  user: string;
  role: Role;
  expiresAt: string;
}

export interface ChangeEvent {
  seq: number;
  incidents: number[];
  alerts: number;
  at: string;
}
