package alert

// The members of each enumeration, in the order of the Graph metadata.
var (
	membersOfSeverity = newEnumSet("alertSeverity",
		string(SeverityUnknown),
		string(SeverityInformational),
		string(SeverityLow),
		string(SeverityMedium),
		string(SeverityHigh),
		string(SeverityUnknownFutureValue),
	)

	membersOfStatus = newEnumSet("alertStatus",
		string(StatusUnknown),
		string(StatusNew),
		string(StatusInProgress),
		string(StatusResolved),
		string(StatusUnknownFutureValue),
	)

	membersOfClassification = newEnumSet("alertClassification",
		string(ClassificationUnknown),
		string(ClassificationFalsePositive),
		string(ClassificationTruePositive),
		string(ClassificationInformationalExpectedActivity),
		string(ClassificationUnknownFutureValue),
	)

	membersOfDetermination = newEnumSet("alertDetermination",
		string(DeterminationUnknown),
		string(DeterminationApt),
		string(DeterminationMalware),
		string(DeterminationSecurityPersonnel),
		string(DeterminationSecurityTesting),
		string(DeterminationUnwantedSoftware),
		string(DeterminationOther),
		string(DeterminationMultiStagedAttack),
		string(DeterminationCompromisedAccount),
		string(DeterminationPhishing),
		string(DeterminationMaliciousUserActivity),
		string(DeterminationNotMalicious),
		string(DeterminationNotEnoughDataToValidate),
		string(DeterminationConfirmedActivity),
		string(DeterminationLineOfBusinessApplication),
		string(DeterminationUnknownFutureValue),
	)

	membersOfServiceSource = newEnumSet("serviceSource",
		string(ServiceSourceUnknown),
		string(ServiceSourceMicrosoftDefenderForEndpoint),
		string(ServiceSourceMicrosoftDefenderForIdentity),
		string(ServiceSourceMicrosoftDefenderForCloudApps),
		string(ServiceSourceMicrosoftDefenderForOffice365),
		string(ServiceSourceMicrosoft365Defender),
		string(ServiceSourceAzureADIdentityProtection),
		string(ServiceSourceMicrosoftAppGovernance),
		string(ServiceSourceDataLossPrevention),
		string(ServiceSourceUnknownFutureValue),
		string(ServiceSourceMicrosoftDefenderForCloud),
		string(ServiceSourceMicrosoftSentinel),
		string(ServiceSourceMicrosoftInsiderRiskManagement),
		string(ServiceSourceMicrosoftThreatIntelligence),
		string(ServiceSourceMicrosoftSecurityForAI),
	)

	membersOfDetectionSource = newEnumSet("detectionSource",
		string(DetectionSourceUnknown),
		string(DetectionSourceMicrosoftDefenderForEndpoint),
		string(DetectionSourceAntivirus),
		string(DetectionSourceSmartScreen),
		string(DetectionSourceCustomTi),
		string(DetectionSourceMicrosoftDefenderForOffice365),
		string(DetectionSourceAutomatedInvestigation),
		string(DetectionSourceMicrosoftThreatExperts),
		string(DetectionSourceCustomDetection),
		string(DetectionSourceMicrosoftDefenderForIdentity),
		string(DetectionSourceCloudAppSecurity),
		string(DetectionSourceMicrosoft365Defender),
		string(DetectionSourceAzureADIdentityProtection),
		string(DetectionSourceManual),
		string(DetectionSourceMicrosoftDataLossPrevention),
		string(DetectionSourceAppGovernancePolicy),
		string(DetectionSourceAppGovernanceDetection),
		string(DetectionSourceUnknownFutureValue),
		string(DetectionSourceMicrosoftDefenderForCloud),
		string(DetectionSourceMicrosoftDefenderForIoT),
		string(DetectionSourceMicrosoftDefenderForServers),
		string(DetectionSourceMicrosoftDefenderForStorage),
		string(DetectionSourceMicrosoftDefenderForDNS),
		string(DetectionSourceMicrosoftDefenderForDatabases),
		string(DetectionSourceMicrosoftDefenderForContainers),
		string(DetectionSourceMicrosoftDefenderForNetwork),
		string(DetectionSourceMicrosoftDefenderForAppService),
		string(DetectionSourceMicrosoftDefenderForKeyVault),
		string(DetectionSourceMicrosoftDefenderForResourceManager),
		string(DetectionSourceMicrosoftDefenderForApiManagement),
		string(DetectionSourceNrtAlerts),
		string(DetectionSourceScheduledAlerts),
		string(DetectionSourceMicrosoftDefenderThreatIntelligenceAnalytics),
		string(DetectionSourceBuiltInMl),
		string(DetectionSourceMicrosoftInsiderRiskManagement),
		string(DetectionSourceMicrosoftThreatIntelligence),
		string(DetectionSourceMicrosoftDefenderForAIServices),
		string(DetectionSourceSecurityCopilot),
		string(DetectionSourceMicrosoftSentinel),
	)

	membersOfInvestigationState = newEnumSet("investigationState",
		string(InvestigationStateUnknown),
		string(InvestigationStateTerminated),
		string(InvestigationStateSuccessfullyRemediated),
		string(InvestigationStateBenign),
		string(InvestigationStateFailed),
		string(InvestigationStatePartiallyRemediated),
		string(InvestigationStateRunning),
		string(InvestigationStatePendingApproval),
		string(InvestigationStatePendingResource),
		string(InvestigationStateQueued),
		string(InvestigationStateInnerFailure),
		string(InvestigationStatePreexistingAlert),
		string(InvestigationStateUnsupportedOS),
		string(InvestigationStateUnsupportedAlertType),
		string(InvestigationStateSuppressedAlert),
		string(InvestigationStatePartiallyInvestigated),
		string(InvestigationStateTerminatedByUser),
		string(InvestigationStateTerminatedBySystem),
		string(InvestigationStateUnknownFutureValue),
	)

	membersOfVerdict = newEnumSet("evidenceVerdict",
		string(VerdictUnknown),
		string(VerdictSuspicious),
		string(VerdictMalicious),
		string(VerdictNoThreatsFound),
		string(VerdictUnknownFutureValue),
	)

	membersOfRemediationStatus = newEnumSet("evidenceRemediationStatus",
		string(RemediationStatusNone),
		string(RemediationStatusRemediated),
		string(RemediationStatusPrevented),
		string(RemediationStatusBlocked),
		string(RemediationStatusNotFound),
		string(RemediationStatusUnknownFutureValue),
		string(RemediationStatusActive),
		string(RemediationStatusPendingApproval),
		string(RemediationStatusDeclined),
		string(RemediationStatusUnremediated),
		string(RemediationStatusRunning),
		string(RemediationStatusPartiallyRemediated),
	)

	membersOfRole = newEnumSet("evidenceRole",
		string(RoleUnknown),
		string(RoleContextual),
		string(RoleScanned),
		string(RoleSource),
		string(RoleDestination),
		string(RoleCreated),
		string(RoleAdded),
		string(RoleCompromised),
		string(RoleEdited),
		string(RoleAttacked),
		string(RoleAttacker),
		string(RoleCommandAndControl),
		string(RoleLoaded),
		string(RoleSuspicious),
		string(RolePolicyViolator),
		string(RoleUnknownFutureValue),
	)

	membersOfDetectionStatus = newEnumSet("detectionStatus",
		string(DetectionStatusDetected),
		string(DetectionStatusBlocked),
		string(DetectionStatusPrevented),
		string(DetectionStatusUnknownFutureValue),
	)

	membersOfDeviceHealthStatus = newEnumSet("deviceHealthStatus",
		string(DeviceHealthStatusActive),
		string(DeviceHealthStatusInactive),
		string(DeviceHealthStatusImpairedCommunication),
		string(DeviceHealthStatusNoSensorData),
		string(DeviceHealthStatusNoSensorDataImpairedCommunication),
		string(DeviceHealthStatusUnknown),
		string(DeviceHealthStatusUnknownFutureValue),
	)

	membersOfDeviceRiskScore = newEnumSet("deviceRiskScore",
		string(DeviceRiskScoreNone),
		string(DeviceRiskScoreInformational),
		string(DeviceRiskScoreLow),
		string(DeviceRiskScoreMedium),
		string(DeviceRiskScoreHigh),
		string(DeviceRiskScoreUnknownFutureValue),
	)

	membersOfOnboardingStatus = newEnumSet("onboardingStatus",
		string(OnboardingStatusInsufficientInfo),
		string(OnboardingStatusOnboarded),
		string(OnboardingStatusCanBeOnboarded),
		string(OnboardingStatusUnsupported),
		string(OnboardingStatusUnknownFutureValue),
	)

	membersOfDefenderAVStatus = newEnumSet("defenderAvStatus",
		string(DefenderAVStatusNotReporting),
		string(DefenderAVStatusDisabled),
		string(DefenderAVStatusNotUpdated),
		string(DefenderAVStatusUpdated),
		string(DefenderAVStatusUnknown),
		string(DefenderAVStatusNotSupported),
		string(DefenderAVStatusUnknownFutureValue),
	)

	membersOfVMCloudProvider = newEnumSet("vmCloudProvider",
		string(VMCloudProviderUnknown),
		string(VMCloudProviderAzure),
		string(VMCloudProviderUnknownFutureValue),
	)

	membersOfFileHashAlgorithm = newEnumSet("fileHashAlgorithm",
		string(FileHashAlgorithmUnknown),
		string(FileHashAlgorithmMD5),
		string(FileHashAlgorithmSHA1),
		string(FileHashAlgorithmSHA256),
		string(FileHashAlgorithmSha256ac),
		string(FileHashAlgorithmUnknownFutureValue),
	)

	membersOfProtocolType = newEnumSet("protocolType",
		string(ProtocolTypeTcp),
		string(ProtocolTypeUdp),
		string(ProtocolTypeUnknownFutureValue),
	)

	membersOfServicePrincipalType = newEnumSet("servicePrincipalType",
		string(ServicePrincipalTypeUnknown),
		string(ServicePrincipalTypeApplication),
		string(ServicePrincipalTypeManagedIdentity),
		string(ServicePrincipalTypeLegacy),
		string(ServicePrincipalTypeUnknownFutureValue),
	)

	membersOfMailboxConfigurationType = newEnumSet("mailboxConfigurationType",
		string(MailboxConfigurationTypeMailForwardingRule),
		string(MailboxConfigurationTypeOwaSettings),
		string(MailboxConfigurationTypeEwsSettings),
		string(MailboxConfigurationTypeMailDelegation),
		string(MailboxConfigurationTypeUserInboxRule),
		string(MailboxConfigurationTypeUnknownFutureValue),
	)

	membersOfAntispamTeamsDirection = newEnumSet("antispamTeamsDirection",
		string(AntispamTeamsDirectionUnknown),
		string(AntispamTeamsDirectionInbound),
		string(AntispamTeamsDirectionOutbound),
		string(AntispamTeamsDirectionIntraorg),
		string(AntispamTeamsDirectionUnknownFutureValue),
	)

	membersOfTeamsMessageDeliveryAction = newEnumSet("teamsMessageDeliveryAction",
		string(TeamsMessageDeliveryActionUnknown),
		string(TeamsMessageDeliveryActionDeliveredAsSpam),
		string(TeamsMessageDeliveryActionDelivered),
		string(TeamsMessageDeliveryActionBlocked),
		string(TeamsMessageDeliveryActionReplaced),
		string(TeamsMessageDeliveryActionUnknownFutureValue),
	)

	membersOfTeamsDeliveryLocation = newEnumSet("teamsDeliveryLocation",
		string(TeamsDeliveryLocationUnknown),
		string(TeamsDeliveryLocationTeams),
		string(TeamsDeliveryLocationQuarantine),
		string(TeamsDeliveryLocationFailed),
		string(TeamsDeliveryLocationUnknownFutureValue),
	)

	membersOfGoogleCloudLocationType = newEnumSet("googleCloudLocationType",
		string(GoogleCloudLocationTypeUnknown),
		string(GoogleCloudLocationTypeRegional),
		string(GoogleCloudLocationTypeZonal),
		string(GoogleCloudLocationTypeGlobal),
		string(GoogleCloudLocationTypeUnknownFutureValue),
	)

	membersOfKubernetesPlatform = newEnumSet("kubernetesPlatform",
		string(KubernetesPlatformUnknown),
		string(KubernetesPlatformAks),
		string(KubernetesPlatformEks),
		string(KubernetesPlatformGke),
		string(KubernetesPlatformArc),
		string(KubernetesPlatformUnknownFutureValue),
	)

	membersOfKubernetesServiceType = newEnumSet("kubernetesServiceType",
		string(KubernetesServiceTypeUnknown),
		string(KubernetesServiceTypeClusterIP),
		string(KubernetesServiceTypeExternalName),
		string(KubernetesServiceTypeNodePort),
		string(KubernetesServiceTypeLoadBalancer),
		string(KubernetesServiceTypeUnknownFutureValue),
	)

	membersOfContainerPortProtocol = newEnumSet("containerPortProtocol",
		string(ContainerPortProtocolUdp),
		string(ContainerPortProtocolTcp),
		string(ContainerPortProtocolSctp),
		string(ContainerPortProtocolUnknownFutureValue),
	)

	membersOfIoTDeviceImportanceType = newEnumSet("ioTDeviceImportanceType",
		string(IoTDeviceImportanceTypeUnknown),
		string(IoTDeviceImportanceTypeLow),
		string(IoTDeviceImportanceTypeNormal),
		string(IoTDeviceImportanceTypeHigh),
		string(IoTDeviceImportanceTypeUnknownFutureValue),
	)

	membersOfAIAgentPlatform = newEnumSet("aiAgentPlatform",
		string(AIAgentPlatformUnknown),
		string(AIAgentPlatformAzureAIFoundry),
		string(AIAgentPlatformCopilotStudio),
		string(AIAgentPlatformCopilot),
		string(AIAgentPlatformUnknownFutureValue),
	)

	membersOfCorrelationReason = newEnumSet("correlationReason",
		string(CorrelationReasonRepeatedAlertOccurrence),
		string(CorrelationReasonSameGeography),
		string(CorrelationReasonSimilarArtifacts),
		string(CorrelationReasonSameTargetedAsset),
		string(CorrelationReasonSameNetworkSegment),
		string(CorrelationReasonEventSequence),
		string(CorrelationReasonTimeFrame),
		string(CorrelationReasonSameThreatSource),
		string(CorrelationReasonSimilarTTPsOrBehavior),
		string(CorrelationReasonSameActor),
		string(CorrelationReasonSameCampaign),
		string(CorrelationReasonSharedIndicators),
		string(CorrelationReasonSameAsset),
		string(CorrelationReasonNetworkProximity),
		string(CorrelationReasonEventCasualSequence),
		string(CorrelationReasonTemporalProximity),
		string(CorrelationReasonLateralMovementPath),
		string(CorrelationReasonUnknownFutureValue),
	)
)

// Known reports whether e is a member of alertSeverity in this version.
func (e Severity) Known() bool { return membersOfSeverity.has(string(e)) }

func (e Severity) set() *enumSet { return membersOfSeverity }

// Known reports whether e is a member of alertStatus in this version.
func (e Status) Known() bool { return membersOfStatus.has(string(e)) }

func (e Status) set() *enumSet { return membersOfStatus }

// Known reports whether e is a member of alertClassification in this version.
func (e Classification) Known() bool { return membersOfClassification.has(string(e)) }

func (e Classification) set() *enumSet { return membersOfClassification }

// Known reports whether e is a member of alertDetermination in this version.
func (e Determination) Known() bool { return membersOfDetermination.has(string(e)) }

func (e Determination) set() *enumSet { return membersOfDetermination }

// Known reports whether e is a member of serviceSource in this version.
func (e ServiceSource) Known() bool { return membersOfServiceSource.has(string(e)) }

func (e ServiceSource) set() *enumSet { return membersOfServiceSource }

// Known reports whether e is a member of detectionSource in this version.
func (e DetectionSource) Known() bool { return membersOfDetectionSource.has(string(e)) }

func (e DetectionSource) set() *enumSet { return membersOfDetectionSource }

// Known reports whether e is a member of investigationState in this version.
func (e InvestigationState) Known() bool { return membersOfInvestigationState.has(string(e)) }

func (e InvestigationState) set() *enumSet { return membersOfInvestigationState }

// Known reports whether e is a member of evidenceVerdict in this version.
func (e Verdict) Known() bool { return membersOfVerdict.has(string(e)) }

func (e Verdict) set() *enumSet { return membersOfVerdict }

// Known reports whether e is a member of evidenceRemediationStatus in this version.
func (e RemediationStatus) Known() bool { return membersOfRemediationStatus.has(string(e)) }

func (e RemediationStatus) set() *enumSet { return membersOfRemediationStatus }

// Known reports whether e is a member of evidenceRole in this version.
func (e Role) Known() bool { return membersOfRole.has(string(e)) }

func (e Role) set() *enumSet { return membersOfRole }

// Known reports whether e is a member of detectionStatus in this version.
func (e DetectionStatus) Known() bool { return membersOfDetectionStatus.has(string(e)) }

func (e DetectionStatus) set() *enumSet { return membersOfDetectionStatus }

// Known reports whether e is a member of deviceHealthStatus in this version.
func (e DeviceHealthStatus) Known() bool { return membersOfDeviceHealthStatus.has(string(e)) }

func (e DeviceHealthStatus) set() *enumSet { return membersOfDeviceHealthStatus }

// Known reports whether e is a member of deviceRiskScore in this version.
func (e DeviceRiskScore) Known() bool { return membersOfDeviceRiskScore.has(string(e)) }

func (e DeviceRiskScore) set() *enumSet { return membersOfDeviceRiskScore }

// Known reports whether e is a member of onboardingStatus in this version.
func (e OnboardingStatus) Known() bool { return membersOfOnboardingStatus.has(string(e)) }

func (e OnboardingStatus) set() *enumSet { return membersOfOnboardingStatus }

// Known reports whether e is a member of defenderAvStatus in this version.
func (e DefenderAVStatus) Known() bool { return membersOfDefenderAVStatus.has(string(e)) }

func (e DefenderAVStatus) set() *enumSet { return membersOfDefenderAVStatus }

// Known reports whether e is a member of vmCloudProvider in this version.
func (e VMCloudProvider) Known() bool { return membersOfVMCloudProvider.has(string(e)) }

func (e VMCloudProvider) set() *enumSet { return membersOfVMCloudProvider }

// Known reports whether e is a member of fileHashAlgorithm in this version.
func (e FileHashAlgorithm) Known() bool { return membersOfFileHashAlgorithm.has(string(e)) }

func (e FileHashAlgorithm) set() *enumSet { return membersOfFileHashAlgorithm }

// Known reports whether e is a member of protocolType in this version.
func (e ProtocolType) Known() bool { return membersOfProtocolType.has(string(e)) }

func (e ProtocolType) set() *enumSet { return membersOfProtocolType }

// Known reports whether e is a member of servicePrincipalType in this version.
func (e ServicePrincipalType) Known() bool { return membersOfServicePrincipalType.has(string(e)) }

func (e ServicePrincipalType) set() *enumSet { return membersOfServicePrincipalType }

// Known reports whether e is a member of mailboxConfigurationType in this version.
func (e MailboxConfigurationType) Known() bool {
	return membersOfMailboxConfigurationType.has(string(e))
}

func (e MailboxConfigurationType) set() *enumSet { return membersOfMailboxConfigurationType }

// Known reports whether e is a member of antispamTeamsDirection in this version.
func (e AntispamTeamsDirection) Known() bool { return membersOfAntispamTeamsDirection.has(string(e)) }

func (e AntispamTeamsDirection) set() *enumSet { return membersOfAntispamTeamsDirection }

// Known reports whether e is a member of teamsMessageDeliveryAction in this version.
func (e TeamsMessageDeliveryAction) Known() bool {
	return membersOfTeamsMessageDeliveryAction.has(string(e))
}

func (e TeamsMessageDeliveryAction) set() *enumSet { return membersOfTeamsMessageDeliveryAction }

// Known reports whether e is a member of teamsDeliveryLocation in this version.
func (e TeamsDeliveryLocation) Known() bool { return membersOfTeamsDeliveryLocation.has(string(e)) }

func (e TeamsDeliveryLocation) set() *enumSet { return membersOfTeamsDeliveryLocation }

// Known reports whether e is a member of googleCloudLocationType in this version.
func (e GoogleCloudLocationType) Known() bool { return membersOfGoogleCloudLocationType.has(string(e)) }

func (e GoogleCloudLocationType) set() *enumSet { return membersOfGoogleCloudLocationType }

// Known reports whether e is a member of kubernetesPlatform in this version.
func (e KubernetesPlatform) Known() bool { return membersOfKubernetesPlatform.has(string(e)) }

func (e KubernetesPlatform) set() *enumSet { return membersOfKubernetesPlatform }

// Known reports whether e is a member of kubernetesServiceType in this version.
func (e KubernetesServiceType) Known() bool { return membersOfKubernetesServiceType.has(string(e)) }

func (e KubernetesServiceType) set() *enumSet { return membersOfKubernetesServiceType }

// Known reports whether e is a member of containerPortProtocol in this version.
func (e ContainerPortProtocol) Known() bool { return membersOfContainerPortProtocol.has(string(e)) }

func (e ContainerPortProtocol) set() *enumSet { return membersOfContainerPortProtocol }

// Known reports whether e is a member of ioTDeviceImportanceType in this version.
func (e IoTDeviceImportanceType) Known() bool { return membersOfIoTDeviceImportanceType.has(string(e)) }

func (e IoTDeviceImportanceType) set() *enumSet { return membersOfIoTDeviceImportanceType }

// Known reports whether e is a member of aiAgentPlatform in this version.
func (e AIAgentPlatform) Known() bool { return membersOfAIAgentPlatform.has(string(e)) }

func (e AIAgentPlatform) set() *enumSet { return membersOfAIAgentPlatform }

// Known reports whether e is a member of correlationReason in this version.
func (e CorrelationReason) Known() bool { return membersOfCorrelationReason.has(string(e)) }

func (e CorrelationReason) set() *enumSet { return membersOfCorrelationReason }
