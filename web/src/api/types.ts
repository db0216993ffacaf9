// The shapes of the API, generated from its description, under the portal's names.

import type { components } from './schema';

type Schemas = components['schemas'];

export type Activity = Schemas['Activity'];
export type AlertDetail = Schemas['AlertDetail'];
export type AlertEntityRef = Schemas['EntityMention'];
export type AlertPatch = Schemas['AlertPatch'];
export type AlertRow = Schemas['AlertRow'];
export type AlertSet = Schemas['AlertSet'];
export type AssetRef = Schemas['AssetRef'];
export type Backtest = Schemas['Backtest'];
export type BacktestFindings = Schemas['Findings'];
export type Bridge = Schemas['Bridge'];
export type AssetCriticality = Schemas['AssetCriticality'];
export type CorrelationSettings = Schemas['Settings'];
export type CorrelationVersion = Schemas['CorrelationSettings'];
export type Entity = Schemas['Entity'];
export type EntityConflict = Schemas['Conflict'];
export type EntityDetail = Schemas['EntityDetail'];
export type EntitySplit = Schemas['EntitySplit'];
export type Exclusion = Schemas['Exclusion'];
export type Facet = Schemas['Facet'];
export type Facets = Schemas['Facets'];
export type Fact = Schemas['Fact'];
export type Grouping = Schemas['Grouping'];
export type HourCount = Schemas['HourCount'];
export type Identifier = Schemas['Identifier'];
export type Incident = Schemas['Incident'];
export type IncidentEntity = Schemas['IncidentEntity'];
export type IncidentPatch = Schemas['IncidentPatch'];
export type InventoryAsset = Schemas['InventoryAsset'];
export type Invited = Schemas['Invited'];
export type Judgement = Schemas['Judgement'];
export type KeptModel = Schemas['KeptModel'];
export type KillChainStep = Schemas['Stage'];
export type Learnable = Schemas['Learnable'];
export type LearntIdentifier = Schemas['LearntIdentifier'];
export type LinkModel = Schemas['ModelDetails'];
export type Link = Schemas['Link'];
export type Person = Schemas['Person'];
export type PriorityFactor = Schemas['PriorityFactor'];
export type Reject = Schemas['Reject'];
export type Regrouping = Schemas['Regrouping'];
export type RuleControl = Schemas['RuleControl'];
export type RuleRow = Schemas['RuleRow'];
export type SearchResult = Schemas['Found'];
export type ScorerSummary = Schemas['ScorerSummary'];
export type Sentence = Schemas['Sentence'];
export type SessionInfo = Schemas['Session'];
export type SettingsVersion = Schemas['SettingsVersion'];
export type SharedEntity = Schemas['SharedEntity'];
export type SplitIdentifier = Schemas['SplitIdentifier'];
export type SourceBalance = Schemas['SourceBalance'];
export type Story = Schemas['Story'];
export type StoryEdge = Schemas['Edge'];
export type StoryGraph = Schemas['Graph'];
export type StoryNode = Schemas['Node'];
export type Suggested = Schemas['Suggested'];
export type Task = Schemas['Task'];
export type TaskPatch = Schemas['TaskPatch'];
export type TaskTally = Schemas['TaskTally'];
export type TimelineItem = Schemas['TimelineItem'];
export type Token = Schemas['Token'];
export type User = Schemas['Account'];

export type Role = 'viewer' | 'analyst' | 'admin';
export type Scope = Schemas['NewTokenInputBody']['scopes'][number];
export type Reason = NonNullable<Link['reasons']>[number];

export interface Page<T> {
  items: T[];
  next?: string;
}

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** One message of the stream of changes. */
export interface ChangeEvent {
  seq: number;
  incidents: number[];
  alerts: number;
  at: string;
}
