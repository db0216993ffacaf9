package alert

// Severity is the Graph security enumeration alertSeverity.
type Severity string

const (
	SeverityUnknown            Severity = "unknown"
	SeverityInformational      Severity = "informational"
	SeverityLow                Severity = "low"
	SeverityMedium             Severity = "medium"
	SeverityHigh               Severity = "high"
	SeverityUnknownFutureValue Severity = "unknownFutureValue"
)

// Status is the Graph security enumeration alertStatus.
type Status string

const (
	StatusUnknown            Status = "unknown"
	StatusNew                Status = "new"
	StatusInProgress         Status = "inProgress"
	StatusResolved           Status = "resolved"
	StatusUnknownFutureValue Status = "unknownFutureValue"
)

// Classification is the Graph security enumeration alertClassification.
type Classification string

const (
	ClassificationUnknown                       Classification = "unknown"
	ClassificationFalsePositive                 Classification = "falsePositive"
	ClassificationTruePositive                  Classification = "truePositive"
	ClassificationInformationalExpectedActivity Classification = "informationalExpectedActivity"
	ClassificationUnknownFutureValue            Classification = "unknownFutureValue"
)

// Determination is the Graph security enumeration alertDetermination.
type Determination string

const (
	DeterminationUnknown                   Determination = "unknown"
	DeterminationApt                       Determination = "apt"
	DeterminationMalware                   Determination = "malware"
	DeterminationSecurityPersonnel         Determination = "securityPersonnel"
	DeterminationSecurityTesting           Determination = "securityTesting"
	DeterminationUnwantedSoftware          Determination = "unwantedSoftware"
	DeterminationOther                     Determination = "other"
	DeterminationMultiStagedAttack         Determination = "multiStagedAttack"
	DeterminationCompromisedAccount        Determination = "compromisedAccount"
	DeterminationPhishing                  Determination = "phishing"
	DeterminationMaliciousUserActivity     Determination = "maliciousUserActivity"
	DeterminationNotMalicious              Determination = "notMalicious"
	DeterminationNotEnoughDataToValidate   Determination = "notEnoughDataToValidate"
	DeterminationConfirmedActivity         Determination = "confirmedActivity"
	DeterminationLineOfBusinessApplication Determination = "lineOfBusinessApplication"
	DeterminationUnknownFutureValue        Determination = "unknownFutureValue"
)

// ServiceSource is the Graph security enumeration serviceSource.
type ServiceSource string

const (
	ServiceSourceUnknown                        ServiceSource = "unknown"
	ServiceSourceMicrosoftDefenderForEndpoint   ServiceSource = "microsoftDefenderForEndpoint"
	ServiceSourceMicrosoftDefenderForIdentity   ServiceSource = "microsoftDefenderForIdentity"
	ServiceSourceMicrosoftDefenderForCloudApps  ServiceSource = "microsoftDefenderForCloudApps"
	ServiceSourceMicrosoftDefenderForOffice365  ServiceSource = "microsoftDefenderForOffice365"
	ServiceSourceMicrosoft365Defender           ServiceSource = "microsoft365Defender"
	ServiceSourceAzureADIdentityProtection      ServiceSource = "azureAdIdentityProtection"
	ServiceSourceMicrosoftAppGovernance         ServiceSource = "microsoftAppGovernance"
	ServiceSourceDataLossPrevention             ServiceSource = "dataLossPrevention"
	ServiceSourceUnknownFutureValue             ServiceSource = "unknownFutureValue"
	ServiceSourceMicrosoftDefenderForCloud      ServiceSource = "microsoftDefenderForCloud"
	ServiceSourceMicrosoftSentinel              ServiceSource = "microsoftSentinel"
	ServiceSourceMicrosoftInsiderRiskManagement ServiceSource = "microsoftInsiderRiskManagement"
	ServiceSourceMicrosoftThreatIntelligence    ServiceSource = "microsoftThreatIntelligence"
	ServiceSourceMicrosoftSecurityForAI         ServiceSource = "microsoftSecurityForAI"
)

// DetectionSource is the Graph security enumeration detectionSource.
type DetectionSource string

const (
	DetectionSourceUnknown                                      DetectionSource = "unknown"
	DetectionSourceMicrosoftDefenderForEndpoint                 DetectionSource = "microsoftDefenderForEndpoint"
	DetectionSourceAntivirus                                    DetectionSource = "antivirus"
	DetectionSourceSmartScreen                                  DetectionSource = "smartScreen"
	DetectionSourceCustomTi                                     DetectionSource = "customTi"
	DetectionSourceMicrosoftDefenderForOffice365                DetectionSource = "microsoftDefenderForOffice365"
	DetectionSourceAutomatedInvestigation                       DetectionSource = "automatedInvestigation"
	DetectionSourceMicrosoftThreatExperts                       DetectionSource = "microsoftThreatExperts"
	DetectionSourceCustomDetection                              DetectionSource = "customDetection"
	DetectionSourceMicrosoftDefenderForIdentity                 DetectionSource = "microsoftDefenderForIdentity"
	DetectionSourceCloudAppSecurity                             DetectionSource = "cloudAppSecurity"
	DetectionSourceMicrosoft365Defender                         DetectionSource = "microsoft365Defender"
	DetectionSourceAzureADIdentityProtection                    DetectionSource = "azureAdIdentityProtection"
	DetectionSourceManual                                       DetectionSource = "manual"
	DetectionSourceMicrosoftDataLossPrevention                  DetectionSource = "microsoftDataLossPrevention"
	DetectionSourceAppGovernancePolicy                          DetectionSource = "appGovernancePolicy"
	DetectionSourceAppGovernanceDetection                       DetectionSource = "appGovernanceDetection"
	DetectionSourceUnknownFutureValue                           DetectionSource = "unknownFutureValue"
	DetectionSourceMicrosoftDefenderForCloud                    DetectionSource = "microsoftDefenderForCloud"
	DetectionSourceMicrosoftDefenderForIoT                      DetectionSource = "microsoftDefenderForIoT"
	DetectionSourceMicrosoftDefenderForServers                  DetectionSource = "microsoftDefenderForServers"
	DetectionSourceMicrosoftDefenderForStorage                  DetectionSource = "microsoftDefenderForStorage"
	DetectionSourceMicrosoftDefenderForDNS                      DetectionSource = "microsoftDefenderForDNS"
	DetectionSourceMicrosoftDefenderForDatabases                DetectionSource = "microsoftDefenderForDatabases"
	DetectionSourceMicrosoftDefenderForContainers               DetectionSource = "microsoftDefenderForContainers"
	DetectionSourceMicrosoftDefenderForNetwork                  DetectionSource = "microsoftDefenderForNetwork"
	DetectionSourceMicrosoftDefenderForAppService               DetectionSource = "microsoftDefenderForAppService"
	DetectionSourceMicrosoftDefenderForKeyVault                 DetectionSource = "microsoftDefenderForKeyVault"
	DetectionSourceMicrosoftDefenderForResourceManager          DetectionSource = "microsoftDefenderForResourceManager"
	DetectionSourceMicrosoftDefenderForApiManagement            DetectionSource = "microsoftDefenderForApiManagement"
	DetectionSourceNrtAlerts                                    DetectionSource = "nrtAlerts"
	DetectionSourceScheduledAlerts                              DetectionSource = "scheduledAlerts"
	DetectionSourceMicrosoftDefenderThreatIntelligenceAnalytics DetectionSource = "microsoftDefenderThreatIntelligenceAnalytics"
	DetectionSourceBuiltInMl                                    DetectionSource = "builtInMl"
	DetectionSourceMicrosoftInsiderRiskManagement               DetectionSource = "microsoftInsiderRiskManagement"
	DetectionSourceMicrosoftThreatIntelligence                  DetectionSource = "microsoftThreatIntelligence"
	DetectionSourceMicrosoftDefenderForAIServices               DetectionSource = "microsoftDefenderForAIServices"
	DetectionSourceSecurityCopilot                              DetectionSource = "securityCopilot"
	DetectionSourceMicrosoftSentinel                            DetectionSource = "microsoftSentinel"
)

// InvestigationState is the Graph security enumeration investigationState.
type InvestigationState string

const (
	InvestigationStateUnknown                InvestigationState = "unknown"
	InvestigationStateTerminated             InvestigationState = "terminated"
	InvestigationStateSuccessfullyRemediated InvestigationState = "successfullyRemediated"
	InvestigationStateBenign                 InvestigationState = "benign"
	InvestigationStateFailed                 InvestigationState = "failed"
	InvestigationStatePartiallyRemediated    InvestigationState = "partiallyRemediated"
	InvestigationStateRunning                InvestigationState = "running"
	InvestigationStatePendingApproval        InvestigationState = "pendingApproval"
	InvestigationStatePendingResource        InvestigationState = "pendingResource"
	InvestigationStateQueued                 InvestigationState = "queued"
	InvestigationStateInnerFailure           InvestigationState = "innerFailure"
	InvestigationStatePreexistingAlert       InvestigationState = "preexistingAlert"
	InvestigationStateUnsupportedOS          InvestigationState = "unsupportedOs"
	InvestigationStateUnsupportedAlertType   InvestigationState = "unsupportedAlertType"
	InvestigationStateSuppressedAlert        InvestigationState = "suppressedAlert"
	InvestigationStatePartiallyInvestigated  InvestigationState = "partiallyInvestigated"
	InvestigationStateTerminatedByUser       InvestigationState = "terminatedByUser"
	InvestigationStateTerminatedBySystem     InvestigationState = "terminatedBySystem"
	InvestigationStateUnknownFutureValue     InvestigationState = "unknownFutureValue"
)

// Verdict is the Graph security enumeration evidenceVerdict.
type Verdict string

const (
	VerdictUnknown            Verdict = "unknown"
	VerdictSuspicious         Verdict = "suspicious"
	VerdictMalicious          Verdict = "malicious"
	VerdictNoThreatsFound     Verdict = "noThreatsFound"
	VerdictUnknownFutureValue Verdict = "unknownFutureValue"
)

// RemediationStatus is the Graph security enumeration evidenceRemediationStatus.
type RemediationStatus string

const (
	RemediationStatusNone                RemediationStatus = "none"
	RemediationStatusRemediated          RemediationStatus = "remediated"
	RemediationStatusPrevented           RemediationStatus = "prevented"
	RemediationStatusBlocked             RemediationStatus = "blocked"
	RemediationStatusNotFound            RemediationStatus = "notFound"
	RemediationStatusUnknownFutureValue  RemediationStatus = "unknownFutureValue"
	RemediationStatusActive              RemediationStatus = "active"
	RemediationStatusPendingApproval     RemediationStatus = "pendingApproval"
	RemediationStatusDeclined            RemediationStatus = "declined"
	RemediationStatusUnremediated        RemediationStatus = "unremediated"
	RemediationStatusRunning             RemediationStatus = "running"
	RemediationStatusPartiallyRemediated RemediationStatus = "partiallyRemediated"
)

// Role is the Graph security enumeration evidenceRole.
type Role string

const (
	RoleUnknown            Role = "unknown"
	RoleContextual         Role = "contextual"
	RoleScanned            Role = "scanned"
	RoleSource             Role = "source"
	RoleDestination        Role = "destination"
	RoleCreated            Role = "created"
	RoleAdded              Role = "added"
	RoleCompromised        Role = "compromised"
	RoleEdited             Role = "edited"
	RoleAttacked           Role = "attacked"
	RoleAttacker           Role = "attacker"
	RoleCommandAndControl  Role = "commandAndControl"
	RoleLoaded             Role = "loaded"
	RoleSuspicious         Role = "suspicious"
	RolePolicyViolator     Role = "policyViolator"
	RoleUnknownFutureValue Role = "unknownFutureValue"
)

// DetectionStatus is the Graph security enumeration detectionStatus.
type DetectionStatus string

const (
	DetectionStatusDetected           DetectionStatus = "detected"
	DetectionStatusBlocked            DetectionStatus = "blocked"
	DetectionStatusPrevented          DetectionStatus = "prevented"
	DetectionStatusUnknownFutureValue DetectionStatus = "unknownFutureValue"
)

// DeviceHealthStatus is the Graph security enumeration deviceHealthStatus.
type DeviceHealthStatus string

const (
	DeviceHealthStatusActive                            DeviceHealthStatus = "active"
	DeviceHealthStatusInactive                          DeviceHealthStatus = "inactive"
	DeviceHealthStatusImpairedCommunication             DeviceHealthStatus = "impairedCommunication"
	DeviceHealthStatusNoSensorData                      DeviceHealthStatus = "noSensorData"
	DeviceHealthStatusNoSensorDataImpairedCommunication DeviceHealthStatus = "noSensorDataImpairedCommunication"
	DeviceHealthStatusUnknown                           DeviceHealthStatus = "unknown"
	DeviceHealthStatusUnknownFutureValue                DeviceHealthStatus = "unknownFutureValue"
)

// DeviceRiskScore is the Graph security enumeration deviceRiskScore.
type DeviceRiskScore string

const (
	DeviceRiskScoreNone               DeviceRiskScore = "none"
	DeviceRiskScoreInformational      DeviceRiskScore = "informational"
	DeviceRiskScoreLow                DeviceRiskScore = "low"
	DeviceRiskScoreMedium             DeviceRiskScore = "medium"
	DeviceRiskScoreHigh               DeviceRiskScore = "high"
	DeviceRiskScoreUnknownFutureValue DeviceRiskScore = "unknownFutureValue"
)

// OnboardingStatus is the Graph security enumeration onboardingStatus.
type OnboardingStatus string

const (
	OnboardingStatusInsufficientInfo   OnboardingStatus = "insufficientInfo"
	OnboardingStatusOnboarded          OnboardingStatus = "onboarded"
	OnboardingStatusCanBeOnboarded     OnboardingStatus = "canBeOnboarded"
	OnboardingStatusUnsupported        OnboardingStatus = "unsupported"
	OnboardingStatusUnknownFutureValue OnboardingStatus = "unknownFutureValue"
)

// DefenderAVStatus is the Graph security enumeration defenderAvStatus.
type DefenderAVStatus string

const (
	DefenderAVStatusNotReporting       DefenderAVStatus = "notReporting"
	DefenderAVStatusDisabled           DefenderAVStatus = "disabled"
	DefenderAVStatusNotUpdated         DefenderAVStatus = "notUpdated"
	DefenderAVStatusUpdated            DefenderAVStatus = "updated"
	DefenderAVStatusUnknown            DefenderAVStatus = "unknown"
	DefenderAVStatusNotSupported       DefenderAVStatus = "notSupported"
	DefenderAVStatusUnknownFutureValue DefenderAVStatus = "unknownFutureValue"
)

// VMCloudProvider is the Graph security enumeration vmCloudProvider.
type VMCloudProvider string

const (
	VMCloudProviderUnknown            VMCloudProvider = "unknown"
	VMCloudProviderAzure              VMCloudProvider = "azure"
	VMCloudProviderUnknownFutureValue VMCloudProvider = "unknownFutureValue"
)

// FileHashAlgorithm is the Graph security enumeration fileHashAlgorithm.
type FileHashAlgorithm string

const (
	FileHashAlgorithmUnknown            FileHashAlgorithm = "unknown"
	FileHashAlgorithmMD5                FileHashAlgorithm = "md5"
	FileHashAlgorithmSHA1               FileHashAlgorithm = "sha1"
	FileHashAlgorithmSHA256             FileHashAlgorithm = "sha256"
	FileHashAlgorithmSha256ac           FileHashAlgorithm = "sha256ac"
	FileHashAlgorithmUnknownFutureValue FileHashAlgorithm = "unknownFutureValue"
)

// ProtocolType is the Graph security enumeration protocolType.
type ProtocolType string

const (
	ProtocolTypeTcp                ProtocolType = "tcp"
	ProtocolTypeUdp                ProtocolType = "udp"
	ProtocolTypeUnknownFutureValue ProtocolType = "unknownFutureValue"
)

// ServicePrincipalType is the Graph security enumeration servicePrincipalType.
type ServicePrincipalType string

const (
	ServicePrincipalTypeUnknown            ServicePrincipalType = "unknown"
	ServicePrincipalTypeApplication        ServicePrincipalType = "application"
	ServicePrincipalTypeManagedIdentity    ServicePrincipalType = "managedIdentity"
	ServicePrincipalTypeLegacy             ServicePrincipalType = "legacy"
	ServicePrincipalTypeUnknownFutureValue ServicePrincipalType = "unknownFutureValue"
)

// MailboxConfigurationType is the Graph security enumeration mailboxConfigurationType.
type MailboxConfigurationType string

const (
	MailboxConfigurationTypeMailForwardingRule MailboxConfigurationType = "mailForwardingRule"
	MailboxConfigurationTypeOwaSettings        MailboxConfigurationType = "owaSettings"
	MailboxConfigurationTypeEwsSettings        MailboxConfigurationType = "ewsSettings"
	MailboxConfigurationTypeMailDelegation     MailboxConfigurationType = "mailDelegation"
	MailboxConfigurationTypeUserInboxRule      MailboxConfigurationType = "userInboxRule"
	MailboxConfigurationTypeUnknownFutureValue MailboxConfigurationType = "unknownFutureValue"
)

// AntispamTeamsDirection is the Graph security enumeration antispamTeamsDirection.
type AntispamTeamsDirection string

const (
	AntispamTeamsDirectionUnknown            AntispamTeamsDirection = "unknown"
	AntispamTeamsDirectionInbound            AntispamTeamsDirection = "inbound"
	AntispamTeamsDirectionOutbound           AntispamTeamsDirection = "outbound"
	AntispamTeamsDirectionIntraorg           AntispamTeamsDirection = "intraorg"
	AntispamTeamsDirectionUnknownFutureValue AntispamTeamsDirection = "unknownFutureValue"
)

// TeamsMessageDeliveryAction is the Graph security enumeration teamsMessageDeliveryAction.
type TeamsMessageDeliveryAction string

const (
	TeamsMessageDeliveryActionUnknown            TeamsMessageDeliveryAction = "unknown"
	TeamsMessageDeliveryActionDeliveredAsSpam    TeamsMessageDeliveryAction = "deliveredAsSpam"
	TeamsMessageDeliveryActionDelivered          TeamsMessageDeliveryAction = "delivered"
	TeamsMessageDeliveryActionBlocked            TeamsMessageDeliveryAction = "blocked"
	TeamsMessageDeliveryActionReplaced           TeamsMessageDeliveryAction = "replaced"
	TeamsMessageDeliveryActionUnknownFutureValue TeamsMessageDeliveryAction = "unknownFutureValue"
)

// TeamsDeliveryLocation is the Graph security enumeration teamsDeliveryLocation.
type TeamsDeliveryLocation string

const (
	TeamsDeliveryLocationUnknown            TeamsDeliveryLocation = "unknown"
	TeamsDeliveryLocationTeams              TeamsDeliveryLocation = "teams"
	TeamsDeliveryLocationQuarantine         TeamsDeliveryLocation = "quarantine"
	TeamsDeliveryLocationFailed             TeamsDeliveryLocation = "failed"
	TeamsDeliveryLocationUnknownFutureValue TeamsDeliveryLocation = "unknownFutureValue"
)

// GoogleCloudLocationType is the Graph security enumeration googleCloudLocationType.
type GoogleCloudLocationType string

const (
	GoogleCloudLocationTypeUnknown            GoogleCloudLocationType = "unknown"
	GoogleCloudLocationTypeRegional           GoogleCloudLocationType = "regional"
	GoogleCloudLocationTypeZonal              GoogleCloudLocationType = "zonal"
	GoogleCloudLocationTypeGlobal             GoogleCloudLocationType = "global"
	GoogleCloudLocationTypeUnknownFutureValue GoogleCloudLocationType = "unknownFutureValue"
)

// KubernetesPlatform is the Graph security enumeration kubernetesPlatform.
type KubernetesPlatform string

const (
	KubernetesPlatformUnknown            KubernetesPlatform = "unknown"
	KubernetesPlatformAks                KubernetesPlatform = "aks"
	KubernetesPlatformEks                KubernetesPlatform = "eks"
	KubernetesPlatformGke                KubernetesPlatform = "gke"
	KubernetesPlatformArc                KubernetesPlatform = "arc"
	KubernetesPlatformUnknownFutureValue KubernetesPlatform = "unknownFutureValue"
)

// KubernetesServiceType is the Graph security enumeration kubernetesServiceType.
type KubernetesServiceType string

const (
	KubernetesServiceTypeUnknown            KubernetesServiceType = "unknown"
	KubernetesServiceTypeClusterIP          KubernetesServiceType = "clusterIP"
	KubernetesServiceTypeExternalName       KubernetesServiceType = "externalName"
	KubernetesServiceTypeNodePort           KubernetesServiceType = "nodePort"
	KubernetesServiceTypeLoadBalancer       KubernetesServiceType = "loadBalancer"
	KubernetesServiceTypeUnknownFutureValue KubernetesServiceType = "unknownFutureValue"
)

// ContainerPortProtocol is the Graph security enumeration containerPortProtocol.
type ContainerPortProtocol string

const (
	ContainerPortProtocolUdp                ContainerPortProtocol = "udp"
	ContainerPortProtocolTcp                ContainerPortProtocol = "tcp"
	ContainerPortProtocolSctp               ContainerPortProtocol = "sctp"
	ContainerPortProtocolUnknownFutureValue ContainerPortProtocol = "unknownFutureValue"
)

// IoTDeviceImportanceType is the Graph security enumeration ioTDeviceImportanceType.
type IoTDeviceImportanceType string

const (
	IoTDeviceImportanceTypeUnknown            IoTDeviceImportanceType = "unknown"
	IoTDeviceImportanceTypeLow                IoTDeviceImportanceType = "low"
	IoTDeviceImportanceTypeNormal             IoTDeviceImportanceType = "normal"
	IoTDeviceImportanceTypeHigh               IoTDeviceImportanceType = "high"
	IoTDeviceImportanceTypeUnknownFutureValue IoTDeviceImportanceType = "unknownFutureValue"
)

// AIAgentPlatform is the Graph security enumeration aiAgentPlatform.
type AIAgentPlatform string

const (
	AIAgentPlatformUnknown            AIAgentPlatform = "unknown"
	AIAgentPlatformAzureAIFoundry     AIAgentPlatform = "azureAIFoundry"
	AIAgentPlatformCopilotStudio      AIAgentPlatform = "copilotStudio"
	AIAgentPlatformCopilot            AIAgentPlatform = "copilot"
	AIAgentPlatformUnknownFutureValue AIAgentPlatform = "unknownFutureValue"
)

// CorrelationReason is the Graph security enumeration correlationReason.
type CorrelationReason string

const (
	CorrelationReasonRepeatedAlertOccurrence CorrelationReason = "repeatedAlertOccurrence"
	CorrelationReasonSameGeography           CorrelationReason = "sameGeography"
	CorrelationReasonSimilarArtifacts        CorrelationReason = "similarArtifacts"
	CorrelationReasonSameTargetedAsset       CorrelationReason = "sameTargetedAsset"
	CorrelationReasonSameNetworkSegment      CorrelationReason = "sameNetworkSegment"
	CorrelationReasonEventSequence           CorrelationReason = "eventSequence"
	CorrelationReasonTimeFrame               CorrelationReason = "timeFrame"
	CorrelationReasonSameThreatSource        CorrelationReason = "sameThreatSource"
	CorrelationReasonSimilarTTPsOrBehavior   CorrelationReason = "similarTTPsOrBehavior"
	CorrelationReasonSameActor               CorrelationReason = "sameActor"
	CorrelationReasonSameCampaign            CorrelationReason = "sameCampaign"
	CorrelationReasonSharedIndicators        CorrelationReason = "sharedIndicators"
	CorrelationReasonSameAsset               CorrelationReason = "sameAsset"
	CorrelationReasonNetworkProximity        CorrelationReason = "networkProximity"
	CorrelationReasonEventCasualSequence     CorrelationReason = "eventCasualSequence"
	CorrelationReasonTemporalProximity       CorrelationReason = "temporalProximity"
	CorrelationReasonLateralMovementPath     CorrelationReason = "lateralMovementPath"
	CorrelationReasonUnknownFutureValue      CorrelationReason = "unknownFutureValue"
)
