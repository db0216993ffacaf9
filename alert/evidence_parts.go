package alert

import "time"

// UserAccount is the Graph security type userAccount.
type UserAccount struct {
	AccountName               string                 `json:"accountName,omitzero"`
	ActiveDirectoryObjectGuid string                 `json:"activeDirectoryObjectGuid,omitzero"`
	AzureADUserID             string                 `json:"azureAdUserId,omitzero"`
	DisplayName               string                 `json:"displayName,omitzero"`
	DomainName                string                 `json:"domainName,omitzero"`
	ResourceAccessEvents      []*ResourceAccessEvent `json:"resourceAccessEvents,omitzero"`
	TenantID                  string                 `json:"tenantId,omitzero"`
	UserPrincipalName         string                 `json:"userPrincipalName,omitzero"`
	UserSID                   string                 `json:"userSid,omitzero"`
}

// LoggedOnUser is the Graph security type loggedOnUser.
type LoggedOnUser struct {
	AccountName string `json:"accountName,omitzero"`
	DomainName  string `json:"domainName,omitzero"`
}

// FileDetails is the Graph security type fileDetails.
type FileDetails struct {
	FileName      string `json:"fileName,omitzero"`
	FilePath      string `json:"filePath,omitzero"`
	FilePublisher string `json:"filePublisher,omitzero"`
	FileSize      int64  `json:"fileSize,omitzero"`
	Issuer        string `json:"issuer,omitzero"`
	MD5           string `json:"md5,omitzero"`
	SHA1          string `json:"sha1,omitzero"`
	SHA256        string `json:"sha256,omitzero"`
	SHA256AC      string `json:"sha256Ac,omitzero"`
	Signer        string `json:"signer,omitzero"`
}

// FileHash is the Graph security type fileHash.
type FileHash struct {
	Algorithm FileHashAlgorithm `json:"algorithm,omitzero"`
	Value     string            `json:"value,omitzero"`
}

// EmailSender is the Graph security type emailSender.
type EmailSender struct {
	DisplayName  string `json:"displayName,omitzero"`
	DomainName   string `json:"domainName,omitzero"`
	EmailAddress string `json:"emailAddress,omitzero"`
}

// GeoLocation is the Graph security type geoLocation.
type GeoLocation struct {
	City        string  `json:"city,omitzero"`
	CountryName string  `json:"countryName,omitzero"`
	Latitude    float64 `json:"latitude,omitzero"`
	Longitude   float64 `json:"longitude,omitzero"`
	State       string  `json:"state,omitzero"`
}

// Stream is the Graph security type stream.
type Stream struct {
	Name string `json:"name,omitzero"`
}

// VMMetadata is the Graph security type vmMetadata.
type VMMetadata struct {
	CloudProvider  VMCloudProvider `json:"cloudProvider,omitzero"`
	ResourceID     string          `json:"resourceId,omitzero"`
	SubscriptionID string          `json:"subscriptionId,omitzero"`
	VMID           string          `json:"vmId,omitzero"`
}

// ResourceAccessEvent is the Graph security type resourceAccessEvent.
type ResourceAccessEvent struct {
	AccessDateTime     time.Time `json:"accessDateTime,omitzero"`
	AccountID          string    `json:"accountId,omitzero"`
	IPAddress          string    `json:"ipAddress,omitzero"`
	ResourceIdentifier string    `json:"resourceIdentifier,omitzero"`
}

// KubernetesServicePort is the Graph security type kubernetesServicePort.
type KubernetesServicePort struct {
	AppProtocol string                `json:"appProtocol,omitzero"`
	Name        string                `json:"name,omitzero"`
	NodePort    int32                 `json:"nodePort,omitzero"`
	Port        int32                 `json:"port,omitzero"`
	Protocol    ContainerPortProtocol `json:"protocol,omitzero"`
	TargetPort  string                `json:"targetPort,omitzero"`
}
