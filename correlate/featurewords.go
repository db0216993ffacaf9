package correlate

// featureWords say what each feature measures, for people who look into a model. A
// number is mostly taken as its logarithm: the words leave that out.
var featureWords = [numFeatures]string{
	fTotal:        "how unlikely it is that all of what is shared is shared by chance: the best of each kind, added up",
	fSecond:       "how unlikely it is that the second most telling kind of what is shared is shared by chance",
	fShared:       "how many entities are shared",
	fClasses:      "how many kinds of entities are shared",
	fPotential:    "how much the alert's entities could say at best, if all were shared",
	fShare:        "what part of what the alert's entities could say is shared",
	fBestOthers:   "how many other incidents touched the most telling shared entity lately",
	fBestGap:      "time between the alert and when the incident had the most telling shared entity",
	fBestUsers:    "how many users appeared beside the most telling shared entity",
	fBestDevices:  "how many devices appeared beside the most telling shared entity",
	fBestRules:    "how many rules named the most telling shared entity",
	fBestAlerts:   "how many alerts named the most telling shared entity",
	fBestAge:      "how long the most telling shared entity has been known",
	fBestCore:     "what part of the incident's alerts names the most telling shared entity",
	fHabit:        "how often the alert's rule brought the most telling shared entity into incidents lately",
	fBefore:       "how quiet it was around what is shared before the incident had it: the most telling kind",
	fBeforeTotal:  "how quiet it was around what is shared before the incident had it: all kinds added up",
	fBeforeRule:   "how quiet the alert's rule was before the incident had it",
	fRare:         "how seldom rare rules touch what is shared otherwise: the most telling kind",
	fRareTotal:    "how seldom rare rules touch what is shared otherwise: all kinds added up",
	fPeerRate:     "how often the rule of the incident's latest alert with the most telling shared entity started something in the last days",
	fPeerSameRule: "whether the incident's latest alert with the most telling shared entity is of the same rule",

	fGap:    "time between the alert and the activity of the incident as a whole",
	fMinGap: "time between the alert and when the incident had any of what is shared, common programs apart",
	fAge:    "how long before the alert the incident began",

	fRuleRate:    "how often the alert's rule started something in the last days",
	fRuleShare:   "how many alerts of the same rule the incident holds, repeats apart",
	fSameRule:    "whether the incident holds alerts of the same rule",
	fSameRuleGap: "time since the incident's last alert of the same rule",
	fRarestRate:  "how often the rarest rule of the incident started something in the last days",
	fBurst:       "how often the alert's rule started something in the last half hour",
	fSeverity:    "severity of the alert",
	fEntities:    "how many entities the alert names",

	fIncidentSeverity: "highest severity in the incident",
	fIncidentGroups:   "how many alerts the incident holds, repeats apart",
	fIncidentRules:    "how many rules the incident holds alerts of",
	fIncidentEntities: "how many entities the incident holds",
	fPace:             "mean time from one alert of the incident to the next",
	fPair:             "how much more often than by chance the alert's rule met a rule of the incident before",

	fTacticStep:    "how many steps of an attack the alert is ahead of the incident",
	fTacticsShared: "whether the incident has a tactic of the alert",
	fTacticsKnown:  "whether the tactics of both are known",
	fSameService:   "whether the incident holds alerts of the same product",
	fServices:      "how many products the incident holds alerts of",

	fRank:    "how many incidents share more with the alert",
	fLead:    "how much more is shared than with the best other incident",
	fRivals:  "how many other incidents share something with the alert",
	fHistory: "how many alerts came so far",
	fElapsed: "for how long alerts have been coming",
}

// pairWords say what each feature of two incidents measures. Fewer alerts make the
// smaller one.
var pairWords = [numPairFeatures]string{
	pTotal:      "how unlikely it is that all of what both hold is held by chance: the best of each kind, added up",
	pSecond:     "how unlikely it is that the second most telling kind of what both hold is held by chance",
	pTelling:    "how many entities that say something both hold",
	pOverlap:    "what part of the smaller one's latest entities the larger one holds",
	pCoreLess:   "what part of the smaller one's alerts names the most telling entity that both hold",
	pCoreMore:   "what part of the larger one's alerts names the most telling entity that both hold",
	pBestAge:    "how long the most telling entity that both hold has been known",
	pBestOthers: "how many other incidents touched the most telling entity that both hold lately",

	pLinkOwn:    "score of the alert with the incident that it is in",
	pLinkOther:  "score of the alert with the other incident",
	pLinkTotal:  "how unlikely it is that all of what the alert shares with the other incident is shared by chance",
	pLinkSecond: "how unlikely it is that the second most telling kind of what the alert shares with the other incident is shared by chance",
	pNew:        "whether the alert is in its incident without a score, as one that began it is",

	pGroupsLess:   "how many alerts the smaller one holds, repeats apart",
	pGroupsMore:   "how many alerts the larger one holds, repeats apart",
	pRulesLess:    "how many rules the smaller one holds",
	pRulesMore:    "how many rules the larger one holds",
	pEntitiesLess: "how many entities the smaller one holds",
	pEntitiesMore: "how many entities the larger one holds",
	pGap:          "time between the activities of the two",
	pSpanLess:     "how long the smaller one was active",
	pSpanMore:     "how long the larger one was active",

	pRulesShared: "how many rules both hold",
	pLift:        "how much more often than by chance a rule of one met a rule of the other before",
	pRarestLess:  "how often the rarest rule of the smaller one started something in the last days",
	pRarestMore:  "how often the rarest rule of the larger one started something in the last days",

	pSeverityLess:   "highest severity in the smaller one",
	pSeverityMore:   "highest severity in the larger one",
	pTacticsShared:  "how many tactics both have",
	pTacticsAll:     "how many tactics they have together",
	pServicesShared: "how many products both have alerts of",
	pAlertRule:      "how often the rule of the alert between them started something in the last days",
	pBurst:          "how often the rule of the alert between them started something in the last half hour",
	pHistory:        "how many alerts came so far",

	pBefore:      "how quiet it was around what both hold before either had it: the most telling kind",
	pBeforeTotal: "how quiet it was around what both hold before either had it: all kinds added up",
	pRare:        "how seldom rare rules touch what both hold otherwise: the most telling kind",
	pRareTotal:   "how seldom rare rules touch what both hold otherwise: all kinds added up",
	pRuleBefore:  "how quiet the most telling rule that both hold was before either had it",
	pTies:        "how many earlier alerts fitted both",
	pTieBest:     "best score of an earlier alert that fitted both with the other incident",
}

// FeatureWords say what the features measure, in the order of FeatureNames.
func FeatureWords() []string { return featureWords[:] }

// PairWords say what the pair features measure, in the order of PairNames.
func PairWords() []string { return pairWords[:] }
