package alert

import "time"

// DeviceEvidence is the Graph security type deviceEvidence. loggedOnUsers, ipInterfaces: at alert time; mdeDeviceId = sensor device id; rbacGroup = device group.
type DeviceEvidence struct {
	EvidenceBase `json:",inline"`

	AzureADDeviceID       string                 `json:"azureAdDeviceId,omitzero"`
	DefenderAVStatus      DefenderAVStatus       `json:"defenderAvStatus,omitzero"`
	DeviceDNSName         string                 `json:"deviceDnsName,omitzero"`
	DNSDomain             string                 `json:"dnsDomain,omitzero"`
	FirstSeenDateTime     time.Time              `json:"firstSeenDateTime,omitzero"`
	HealthStatus          DeviceHealthStatus     `json:"healthStatus,omitzero"`
	HostName              string                 `json:"hostName,omitzero"`
	IPInterfaces          []string               `json:"ipInterfaces,omitzero"`
	LastExternalIPAddress string                 `json:"lastExternalIpAddress,omitzero"`
	LastIPAddress         string                 `json:"lastIpAddress,omitzero"`
	LoggedOnUsers         []*LoggedOnUser        `json:"loggedOnUsers,omitzero"`
	MDEDeviceID           string                 `json:"mdeDeviceId,omitzero"`
	NTDomain              string                 `json:"ntDomain,omitzero"`
	OnboardingStatus      OnboardingStatus       `json:"onboardingStatus,omitzero"`
	OSBuild               int64                  `json:"osBuild,omitzero"`
	OSPlatform            string                 `json:"osPlatform,omitzero"`
	RBACGroupID           int32                  `json:"rbacGroupId,omitzero"`
	RBACGroupName         string                 `json:"rbacGroupName,omitzero"`
	ResourceAccessEvents  []*ResourceAccessEvent `json:"resourceAccessEvents,omitzero"`
	RiskScore             DeviceRiskScore        `json:"riskScore,omitzero"`
	Version               string                 `json:"version,omitzero"`
	VMMetadata            *VMMetadata            `json:"vmMetadata,omitzero"`
}

// UserEvidence is the Graph security type userEvidence.
type UserEvidence struct {
	EvidenceBase `json:",inline"`

	Stream      *Stream      `json:"stream,omitzero"`
	UserAccount *UserAccount `json:"userAccount,omitzero"`
}

// MailboxEvidence is the Graph security type mailboxEvidence.
type MailboxEvidence struct {
	EvidenceBase `json:",inline"`

	DisplayName    string       `json:"displayName,omitzero"`
	PrimaryAddress string       `json:"primaryAddress,omitzero"`
	UPN            string       `json:"upn,omitzero"`
	UserAccount    *UserAccount `json:"userAccount,omitzero"`
}

// FileEvidence is the Graph security type fileEvidence.
type FileEvidence struct {
	EvidenceBase `json:",inline"`

	DetectionStatus DetectionStatus `json:"detectionStatus,omitzero"`
	FileDetails     *FileDetails    `json:"fileDetails,omitzero"`
	MDEDeviceID     string          `json:"mdeDeviceId,omitzero"`
}

// FileHashEvidence is the Graph security type fileHashEvidence.
type FileHashEvidence struct {
	EvidenceBase `json:",inline"`

	Algorithm FileHashAlgorithm `json:"algorithm,omitzero"`
	Value     string            `json:"value,omitzero"`
}

// ProcessEvidence is the Graph security type processEvidence.
type ProcessEvidence struct {
	EvidenceBase `json:",inline"`

	DetectionStatus               DetectionStatus `json:"detectionStatus,omitzero"`
	ImageFile                     *FileDetails    `json:"imageFile,omitzero"`
	MDEDeviceID                   string          `json:"mdeDeviceId,omitzero"`
	ParentProcessCreationDateTime time.Time       `json:"parentProcessCreationDateTime,omitzero"`
	ParentProcessID               int64           `json:"parentProcessId,omitzero"`
	ParentProcessImageFile        *FileDetails    `json:"parentProcessImageFile,omitzero"`
	ProcessCommandLine            string          `json:"processCommandLine,omitzero"`
	ProcessCreationDateTime       time.Time       `json:"processCreationDateTime,omitzero"`
	ProcessID                     int64           `json:"processId,omitzero"`
	UserAccount                   *UserAccount    `json:"userAccount,omitzero"`
}

// IPEvidence is the Graph security type ipEvidence. countryLetterCode ISO 3166.
type IPEvidence struct {
	EvidenceBase `json:",inline"`

	CountryLetterCode string       `json:"countryLetterCode,omitzero"`
	IPAddress         string       `json:"ipAddress,omitzero"`
	Location          *GeoLocation `json:"location,omitzero"`
	Stream            *Stream      `json:"stream,omitzero"`
}

// URLEvidence is the Graph security type urlEvidence.
type URLEvidence struct {
	EvidenceBase `json:",inline"`

	URL string `json:"url,omitzero"`
}

// DNSEvidence is the Graph security type dnsEvidence.
type DNSEvidence struct {
	EvidenceBase `json:",inline"`

	DNSServerIP   *IPEvidence   `json:"dnsServerIp,omitzero"`
	DomainName    string        `json:"domainName,omitzero"`
	HostIPAddress *IPEvidence   `json:"hostIpAddress,omitzero"`
	IPAddresses   []*IPEvidence `json:"ipAddresses,omitzero"`
}

// NetworkConnectionEvidence is the Graph security type networkConnectionEvidence.
type NetworkConnectionEvidence struct {
	EvidenceBase `json:",inline"`

	DestinationAddress *IPEvidence  `json:"destinationAddress,omitzero"`
	DestinationPort    int32        `json:"destinationPort,omitzero"`
	Protocol           ProtocolType `json:"protocol,omitzero"`
	SourceAddress      *IPEvidence  `json:"sourceAddress,omitzero"`
	SourcePort         int32        `json:"sourcePort,omitzero"`
}

// RegistryKeyEvidence is the Graph security type registryKeyEvidence.
type RegistryKeyEvidence struct {
	EvidenceBase `json:",inline"`

	RegistryHive string `json:"registryHive,omitzero"`
	RegistryKey  string `json:"registryKey,omitzero"`
}

// RegistryValueEvidence is the Graph security type registryValueEvidence.
type RegistryValueEvidence struct {
	EvidenceBase `json:",inline"`

	MDEDeviceID       string `json:"mdeDeviceId,omitzero"`
	RegistryHive      string `json:"registryHive,omitzero"`
	RegistryKey       string `json:"registryKey,omitzero"`
	RegistryValue     string `json:"registryValue,omitzero"`
	RegistryValueName string `json:"registryValueName,omitzero"`
	RegistryValueType string `json:"registryValueType,omitzero"`
}

// MalwareEvidence is the Graph security type malwareEvidence.
type MalwareEvidence struct {
	EvidenceBase `json:",inline"`

	Category  string             `json:"category,omitzero"`
	Files     []*FileEvidence    `json:"files,omitzero"`
	Name      string             `json:"name,omitzero"`
	Processes []*ProcessEvidence `json:"processes,omitzero"`
}

// HostLogonSessionEvidence is the Graph security type hostLogonSessionEvidence.
type HostLogonSessionEvidence struct {
	EvidenceBase `json:",inline"`

	Account          *UserEvidence   `json:"account,omitzero"`
	EndUTCDateTime   time.Time       `json:"endUtcDateTime,omitzero"`
	Host             *DeviceEvidence `json:"host,omitzero"`
	SessionID        string          `json:"sessionId,omitzero"`
	StartUTCDateTime time.Time       `json:"startUtcDateTime,omitzero"`
}

// CloudLogonSessionEvidence is the Graph security type cloudLogonSessionEvidence.
type CloudLogonSessionEvidence struct {
	EvidenceBase `json:",inline"`

	Account               *UserEvidence `json:"account,omitzero"`
	Browser               string        `json:"browser,omitzero"`
	DeviceName            string        `json:"deviceName,omitzero"`
	OperatingSystem       string        `json:"operatingSystem,omitzero"`
	PreviousLogonDateTime time.Time     `json:"previousLogonDateTime,omitzero"`
	Protocol              string        `json:"protocol,omitzero"`
	SessionID             string        `json:"sessionId,omitzero"`
	StartUTCDateTime      time.Time     `json:"startUtcDateTime,omitzero"`
	UserAgent             string        `json:"userAgent,omitzero"`
}

// CloudLogonRequestEvidence is the Graph security type cloudLogonRequestEvidence.
type CloudLogonRequestEvidence struct {
	EvidenceBase `json:",inline"`

	RequestID string `json:"requestId,omitzero"`
}

// SecurityGroupEvidence is the Graph security type securityGroupEvidence.
type SecurityGroupEvidence struct {
	EvidenceBase `json:",inline"`

	ActiveDirectoryObjectGuid string `json:"activeDirectoryObjectGuid,omitzero"`
	DisplayName               string `json:"displayName,omitzero"`
	DistinguishedName         string `json:"distinguishedName,omitzero"`
	FriendlyName              string `json:"friendlyName,omitzero"`
	SecurityGroupID           string `json:"securityGroupId,omitzero"`
	SID                       string `json:"sid,omitzero"`
}

// ServicePrincipalEvidence is the Graph security type servicePrincipalEvidence.
type ServicePrincipalEvidence struct {
	EvidenceBase `json:",inline"`

	AppID                    string               `json:"appId,omitzero"`
	AppOwnerTenantID         string               `json:"appOwnerTenantId,omitzero"`
	ServicePrincipalName     string               `json:"servicePrincipalName,omitzero"`
	ServicePrincipalObjectID string               `json:"servicePrincipalObjectId,omitzero"`
	ServicePrincipalType     ServicePrincipalType `json:"servicePrincipalType,omitzero"`
	TenantID                 string               `json:"tenantId,omitzero"`
}

// ActiveDirectoryDomainEvidence is the Graph security type activeDirectoryDomainEvidence.
type ActiveDirectoryDomainEvidence struct {
	EvidenceBase `json:",inline"`

	ActiveDirectoryDomainName string                           `json:"activeDirectoryDomainName,omitzero"`
	TrustedDomains            []*ActiveDirectoryDomainEvidence `json:"trustedDomains,omitzero"`
}

// AnalyzedMessageEvidence is the Graph security type analyzedMessageEvidence. antiSpamDirection inbound/outbound/intraorg; deliveryAction delivered, deliveredAsSpam, junked, blocked, replaced; deliveryLocation inbox, external, junkFolder, quarantine, failed, dropped, deletedFolder, forwarded; p1Sender envelope, p2Sender header.
type AnalyzedMessageEvidence struct {
	EvidenceBase `json:",inline"`

	AntiSpamDirection      string       `json:"antiSpamDirection,omitzero"`
	AttachmentsCount       int64        `json:"attachmentsCount,omitzero"`
	DeliveryAction         string       `json:"deliveryAction,omitzero"`
	DeliveryLocation       string       `json:"deliveryLocation,omitzero"`
	InternetMessageID      string       `json:"internetMessageId,omitzero"`
	Language               string       `json:"language,omitzero"`
	NetworkMessageID       string       `json:"networkMessageId,omitzero"`
	P1Sender               *EmailSender `json:"p1Sender,omitzero"`
	P2Sender               *EmailSender `json:"p2Sender,omitzero"`
	ReceivedDateTime       time.Time    `json:"receivedDateTime,omitzero"`
	RecipientEmailAddress  string       `json:"recipientEmailAddress,omitzero"`
	SenderIP               string       `json:"senderIp,omitzero"`
	Subject                string       `json:"subject,omitzero"`
	ThreatDetectionMethods []string     `json:"threatDetectionMethods,omitzero"`
	Threats                []string     `json:"threats,omitzero"`
	URLCount               int64        `json:"urlCount,omitzero"`
	Urls                   []string     `json:"urls,omitzero"`
	URN                    string       `json:"urn,omitzero"`
}

// MailClusterEvidence is the Graph security type mailClusterEvidence.
type MailClusterEvidence struct {
	EvidenceBase `json:",inline"`

	ClusterBy         string   `json:"clusterBy,omitzero"`
	ClusterByValue    string   `json:"clusterByValue,omitzero"`
	EmailCount        int64    `json:"emailCount,omitzero"`
	NetworkMessageIds []string `json:"networkMessageIds,omitzero"`
	Query             string   `json:"query,omitzero"`
	URN               string   `json:"urn,omitzero"`
}

// SubmissionMailEvidence is the Graph security type submissionMailEvidence.
type SubmissionMailEvidence struct {
	EvidenceBase `json:",inline"`

	NetworkMessageID   string    `json:"networkMessageId,omitzero"`
	Recipient          string    `json:"recipient,omitzero"`
	ReportType         string    `json:"reportType,omitzero"`
	Sender             string    `json:"sender,omitzero"`
	SenderIP           string    `json:"senderIp,omitzero"`
	Subject            string    `json:"subject,omitzero"`
	SubmissionDateTime time.Time `json:"submissionDateTime,omitzero"`
	SubmissionID       string    `json:"submissionId,omitzero"`
	Submitter          string    `json:"submitter,omitzero"`
}

// MailboxConfigurationEvidence is the Graph security type mailboxConfigurationEvidence.
type MailboxConfigurationEvidence struct {
	EvidenceBase `json:",inline"`

	ConfigurationID           string                   `json:"configurationId,omitzero"`
	ConfigurationType         MailboxConfigurationType `json:"configurationType,omitzero"`
	DisplayName               string                   `json:"displayName,omitzero"`
	ExternalDirectoryObjectID string                   `json:"externalDirectoryObjectId,omitzero"`
	MailboxPrimaryAddress     string                   `json:"mailboxPrimaryAddress,omitzero"`
	UPN                       string                   `json:"upn,omitzero"`
}

// TeamsMessageEvidence is the Graph security type teamsMessageEvidence. threadType Chat, Topic, Space, Meeting.
type TeamsMessageEvidence struct {
	EvidenceBase `json:",inline"`

	CampaignID           string                     `json:"campaignId,omitzero"`
	ChannelID            string                     `json:"channelId,omitzero"`
	DeliveryAction       TeamsMessageDeliveryAction `json:"deliveryAction,omitzero"`
	DeliveryLocation     TeamsDeliveryLocation      `json:"deliveryLocation,omitzero"`
	Files                []*FileEvidence            `json:"files,omitzero"`
	GroupID              string                     `json:"groupId,omitzero"`
	IsExternal           bool                       `json:"isExternal,omitzero"`
	IsOwned              bool                       `json:"isOwned,omitzero"`
	LastModifiedDateTime time.Time                  `json:"lastModifiedDateTime,omitzero"`
	MessageDirection     AntispamTeamsDirection     `json:"messageDirection,omitzero"`
	MessageID            string                     `json:"messageId,omitzero"`
	OwningTenantID       string                     `json:"owningTenantId,omitzero"`
	ParentMessageID      string                     `json:"parentMessageId,omitzero"`
	ReceivedDateTime     time.Time                  `json:"receivedDateTime,omitzero"`
	Recipients           []string                   `json:"recipients,omitzero"`
	SenderFromAddress    string                     `json:"senderFromAddress,omitzero"`
	SenderIP             string                     `json:"senderIP,omitzero"`
	SourceAppName        string                     `json:"sourceAppName,omitzero"`
	SourceID             string                     `json:"sourceId,omitzero"`
	Subject              string                     `json:"subject,omitzero"`
	SuspiciousRecipients []string                   `json:"suspiciousRecipients,omitzero"`
	ThreadID             string                     `json:"threadId,omitzero"`
	ThreadType           string                     `json:"threadType,omitzero"`
	Urls                 []*URLEvidence             `json:"urls,omitzero"`
}

// CloudApplicationEvidence is the Graph security type cloudApplicationEvidence.
type CloudApplicationEvidence struct {
	EvidenceBase `json:",inline"`

	AppID        int64   `json:"appId,omitzero"`
	DisplayName  string  `json:"displayName,omitzero"`
	InstanceID   int64   `json:"instanceId,omitzero"`
	InstanceName string  `json:"instanceName,omitzero"`
	SaaSAppID    int64   `json:"saasAppId,omitzero"`
	Stream       *Stream `json:"stream,omitzero"`
}

// OauthApplicationEvidence is the Graph security type oauthApplicationEvidence.
type OauthApplicationEvidence struct {
	EvidenceBase `json:",inline"`

	AppID       string `json:"appId,omitzero"`
	DisplayName string `json:"displayName,omitzero"`
	ObjectID    string `json:"objectId,omitzero"`
	Publisher   string `json:"publisher,omitzero"`
}

// AzureResourceEvidence is the Graph security type azureResourceEvidence.
type AzureResourceEvidence struct {
	EvidenceBase `json:",inline"`

	ResourceID   string `json:"resourceId,omitzero"`
	ResourceName string `json:"resourceName,omitzero"`
	ResourceType string `json:"resourceType,omitzero"`
}

// AmazonResourceEvidence is the Graph security type amazonResourceEvidence.
type AmazonResourceEvidence struct {
	EvidenceBase `json:",inline"`

	AmazonAccountID  string `json:"amazonAccountId,omitzero"`
	AmazonResourceID string `json:"amazonResourceId,omitzero"`
	ResourceName     string `json:"resourceName,omitzero"`
	ResourceType     string `json:"resourceType,omitzero"`
}

// GoogleCloudResourceEvidence is the Graph security type googleCloudResourceEvidence.
type GoogleCloudResourceEvidence struct {
	EvidenceBase `json:",inline"`

	FullResourceName string                  `json:"fullResourceName,omitzero"`
	Location         string                  `json:"location,omitzero"`
	LocationType     GoogleCloudLocationType `json:"locationType,omitzero"`
	ProjectID        string                  `json:"projectId,omitzero"`
	ProjectNumber    int64                   `json:"projectNumber,omitzero"`
	ResourceName     string                  `json:"resourceName,omitzero"`
	ResourceType     string                  `json:"resourceType,omitzero"`
}

// BlobContainerEvidence is the Graph security type blobContainerEvidence.
type BlobContainerEvidence struct {
	EvidenceBase `json:",inline"`

	Name            string                 `json:"name,omitzero"`
	StorageResource *AzureResourceEvidence `json:"storageResource,omitzero"`
	URL             string                 `json:"url,omitzero"`
}

// BlobEvidence is the Graph security type blobEvidence.
type BlobEvidence struct {
	EvidenceBase `json:",inline"`

	BlobContainer *BlobContainerEvidence `json:"blobContainer,omitzero"`
	Etag          string                 `json:"etag,omitzero"`
	FileHashes    []*FileHash            `json:"fileHashes,omitzero"`
	Name          string                 `json:"name,omitzero"`
	URL           string                 `json:"url,omitzero"`
}

// SASTokenEvidence is the Graph security type sasTokenEvidence.
type SASTokenEvidence struct {
	EvidenceBase `json:",inline"`

	AllowedIPAddresses   string                 `json:"allowedIpAddresses,omitzero"`
	AllowedResourceTypes []string               `json:"allowedResourceTypes,omitzero"`
	AllowedServices      []string               `json:"allowedServices,omitzero"`
	ExpiryDateTime       time.Time              `json:"expiryDateTime,omitzero"`
	Permissions          []string               `json:"permissions,omitzero"`
	Protocol             string                 `json:"protocol,omitzero"`
	SignatureHash        string                 `json:"signatureHash,omitzero"`
	SignedWith           string                 `json:"signedWith,omitzero"`
	StartDateTime        time.Time              `json:"startDateTime,omitzero"`
	StorageResource      *AzureResourceEvidence `json:"storageResource,omitzero"`
}

// ContainerEvidence is the Graph security type containerEvidence.
type ContainerEvidence struct {
	EvidenceBase `json:",inline"`

	Args         []string                `json:"args,omitzero"`
	Command      []string                `json:"command,omitzero"`
	ContainerID  string                  `json:"containerId,omitzero"`
	Image        *ContainerImageEvidence `json:"image,omitzero"`
	IsPrivileged bool                    `json:"isPrivileged,omitzero"`
	Name         string                  `json:"name,omitzero"`
	Pod          *KubernetesPodEvidence  `json:"pod,omitzero"`
}

// ContainerImageEvidence is the Graph security type containerImageEvidence.
type ContainerImageEvidence struct {
	EvidenceBase `json:",inline"`

	DigestImage *ContainerImageEvidence    `json:"digestImage,omitzero"`
	ImageID     string                     `json:"imageId,omitzero"`
	Registry    *ContainerRegistryEvidence `json:"registry,omitzero"`
}

// ContainerRegistryEvidence is the Graph security type containerRegistryEvidence.
type ContainerRegistryEvidence struct {
	EvidenceBase `json:",inline"`

	Registry string `json:"registry,omitzero"`
}

// KubernetesClusterEvidence is the Graph security type kubernetesClusterEvidence. cloudResource = Azure, Amazon or Google resource evidence.
type KubernetesClusterEvidence struct {
	EvidenceBase `json:",inline"`

	CloudResource Evidence           `json:"cloudResource,omitzero"`
	Distribution  string             `json:"distribution,omitzero"`
	Name          string             `json:"name,omitzero"`
	Platform      KubernetesPlatform `json:"platform,omitzero"`
	Version       string             `json:"version,omitzero"`
}

// KubernetesNamespaceEvidence is the Graph security type kubernetesNamespaceEvidence.
type KubernetesNamespaceEvidence struct {
	EvidenceBase `json:",inline"`

	Cluster *KubernetesClusterEvidence `json:"cluster,omitzero"`
	Labels  map[string]any             `json:"labels,omitzero"`
	Name    string                     `json:"name,omitzero"`
}

// KubernetesControllerEvidence is the Graph security type kubernetesControllerEvidence.
type KubernetesControllerEvidence struct {
	EvidenceBase `json:",inline"`

	Labels    map[string]any               `json:"labels,omitzero"`
	Name      string                       `json:"name,omitzero"`
	Namespace *KubernetesNamespaceEvidence `json:"namespace,omitzero"`
	Type      string                       `json:"type,omitzero"`
}

// KubernetesPodEvidence is the Graph security type kubernetesPodEvidence.
type KubernetesPodEvidence struct {
	EvidenceBase `json:",inline"`

	Containers          []*ContainerEvidence              `json:"containers,omitzero"`
	Controller          *KubernetesControllerEvidence     `json:"controller,omitzero"`
	EphemeralContainers []*ContainerEvidence              `json:"ephemeralContainers,omitzero"`
	InitContainers      []*ContainerEvidence              `json:"initContainers,omitzero"`
	Labels              map[string]any                    `json:"labels,omitzero"`
	Name                string                            `json:"name,omitzero"`
	Namespace           *KubernetesNamespaceEvidence      `json:"namespace,omitzero"`
	PodIP               *IPEvidence                       `json:"podIp,omitzero"`
	ServiceAccount      *KubernetesServiceAccountEvidence `json:"serviceAccount,omitzero"`
}

// KubernetesSecretEvidence is the Graph security type kubernetesSecretEvidence.
type KubernetesSecretEvidence struct {
	EvidenceBase `json:",inline"`

	Name       string                       `json:"name,omitzero"`
	Namespace  *KubernetesNamespaceEvidence `json:"namespace,omitzero"`
	SecretType string                       `json:"secretType,omitzero"`
}

// KubernetesServiceAccountEvidence is the Graph security type kubernetesServiceAccountEvidence.
type KubernetesServiceAccountEvidence struct {
	EvidenceBase `json:",inline"`

	Name      string                       `json:"name,omitzero"`
	Namespace *KubernetesNamespaceEvidence `json:"namespace,omitzero"`
}

// KubernetesServiceEvidence is the Graph security type kubernetesServiceEvidence.
type KubernetesServiceEvidence struct {
	EvidenceBase `json:",inline"`

	ClusterIP    *IPEvidence                  `json:"clusterIP,omitzero"`
	ExternalIPs  []*IPEvidence                `json:"externalIPs,omitzero"`
	Labels       map[string]any               `json:"labels,omitzero"`
	Name         string                       `json:"name,omitzero"`
	Namespace    *KubernetesNamespaceEvidence `json:"namespace,omitzero"`
	Selector     map[string]any               `json:"selector,omitzero"`
	ServicePorts []*KubernetesServicePort     `json:"servicePorts,omitzero"`
	ServiceType  KubernetesServiceType        `json:"serviceType,omitzero"`
}

// NICEvidence is the Graph security type nicEvidence.
type NICEvidence struct {
	EvidenceBase `json:",inline"`

	IPAddress  *IPEvidence `json:"ipAddress,omitzero"`
	MacAddress string      `json:"macAddress,omitzero"`
	Vlans      []string    `json:"vlans,omitzero"`
}

// IoTDeviceEvidence is the Graph security type ioTDeviceEvidence.
type IoTDeviceEvidence struct {
	EvidenceBase `json:",inline"`

	DeviceID           string                  `json:"deviceId,omitzero"`
	DeviceName         string                  `json:"deviceName,omitzero"`
	DevicePageLink     string                  `json:"devicePageLink,omitzero"`
	DeviceSubType      string                  `json:"deviceSubType,omitzero"`
	DeviceType         string                  `json:"deviceType,omitzero"`
	Importance         IoTDeviceImportanceType `json:"importance,omitzero"`
	IoTHub             *AzureResourceEvidence  `json:"ioTHub,omitzero"`
	IoTSecurityAgentID string                  `json:"ioTSecurityAgentId,omitzero"`
	IPAddress          *IPEvidence             `json:"ipAddress,omitzero"`
	IsAuthorized       bool                    `json:"isAuthorized,omitzero"`
	IsProgramming      bool                    `json:"isProgramming,omitzero"`
	IsScanner          bool                    `json:"isScanner,omitzero"`
	MacAddress         string                  `json:"macAddress,omitzero"`
	Manufacturer       string                  `json:"manufacturer,omitzero"`
	Model              string                  `json:"model,omitzero"`
	Nics               []*NICEvidence          `json:"nics,omitzero"`
	OperatingSystem    string                  `json:"operatingSystem,omitzero"`
	Owners             []string                `json:"owners,omitzero"`
	Protocols          []string                `json:"protocols,omitzero"`
	PurdueLayer        string                  `json:"purdueLayer,omitzero"`
	Sensor             string                  `json:"sensor,omitzero"`
	SerialNumber       string                  `json:"serialNumber,omitzero"`
	Site               string                  `json:"site,omitzero"`
	Source             string                  `json:"source,omitzero"`
	SourceRef          *URLEvidence            `json:"sourceRef,omitzero"`
	Zone               string                  `json:"zone,omitzero"`
}

// GitHubOrganizationEvidence is the Graph security type gitHubOrganizationEvidence.
type GitHubOrganizationEvidence struct {
	EvidenceBase `json:",inline"`

	Company     string `json:"company,omitzero"`
	DisplayName string `json:"displayName,omitzero"`
	Email       string `json:"email,omitzero"`
	Login       string `json:"login,omitzero"`
	OrgID       string `json:"orgId,omitzero"`
	WebURL      string `json:"webUrl,omitzero"`
}

// GitHubRepoEvidence is the Graph security type gitHubRepoEvidence.
type GitHubRepoEvidence struct {
	EvidenceBase `json:",inline"`

	BaseURL   string `json:"baseUrl,omitzero"`
	Login     string `json:"login,omitzero"`
	Owner     string `json:"owner,omitzero"`
	OwnerType string `json:"ownerType,omitzero"`
	RepoID    string `json:"repoId,omitzero"`
}

// GitHubUserEvidence is the Graph security type gitHubUserEvidence.
type GitHubUserEvidence struct {
	EvidenceBase `json:",inline"`

	Email  string `json:"email,omitzero"`
	Login  string `json:"login,omitzero"`
	Name   string `json:"name,omitzero"`
	UserID string `json:"userId,omitzero"`
	WebURL string `json:"webUrl,omitzero"`
}

// AIAgentEvidence is the Graph security type aiAgentEvidence.
type AIAgentEvidence struct {
	EvidenceBase `json:",inline"`

	AgentID             string          `json:"agentId,omitzero"`
	AgentName           string          `json:"agentName,omitzero"`
	HostingPlatformType AIAgentPlatform `json:"hostingPlatformType,omitzero"`
	Instructions        string          `json:"instructions,omitzero"`
}
