package source

import (
	"strings"

	"github.com/clew-sec/clew/alert"
)

// product is what one spelling of a product's name stands for.
type product struct {
	service   alert.ServiceSource
	detection alert.DetectionSource
}

// products holds the spellings of Microsoft's products over the years, by their
// letters and digits in lower case.
var products = map[string]product{
	"mdatp":                           {alert.ServiceSourceMicrosoftDefenderForEndpoint, alert.DetectionSourceMicrosoftDefenderForEndpoint},
	"windowsdefenderatp":              {alert.ServiceSourceMicrosoftDefenderForEndpoint, alert.DetectionSourceMicrosoftDefenderForEndpoint},
	"microsoftdefenderatp":            {alert.ServiceSourceMicrosoftDefenderForEndpoint, alert.DetectionSourceMicrosoftDefenderForEndpoint},
	"microsoftdefenderforendpoint":    {alert.ServiceSourceMicrosoftDefenderForEndpoint, alert.DetectionSourceMicrosoftDefenderForEndpoint},
	"windowsdefenderav":               {alert.ServiceSourceMicrosoftDefenderForEndpoint, alert.DetectionSourceAntivirus},
	"antivirus":                       {alert.ServiceSourceMicrosoftDefenderForEndpoint, alert.DetectionSourceAntivirus},
	"windowsdefendersmartscreen":      {alert.ServiceSourceMicrosoftDefenderForEndpoint, alert.DetectionSourceSmartScreen},
	"automatedinvestigation":          {alert.ServiceSourceMicrosoftDefenderForEndpoint, alert.DetectionSourceAutomatedInvestigation},
	"customerti":                      {alert.ServiceSourceMicrosoftDefenderForEndpoint, alert.DetectionSourceCustomTi},
	"customti":                        {alert.ServiceSourceMicrosoftDefenderForEndpoint, alert.DetectionSourceCustomTi},
	"thirdpartysensors":               {alert.ServiceSourceMicrosoftDefenderForEndpoint, ""},
	"customdetection":                 {"", alert.DetectionSourceCustomDetection},
	"threatexperts":                   {"", alert.DetectionSourceMicrosoftThreatExperts},
	"mtp":                             {alert.ServiceSourceMicrosoft365Defender, alert.DetectionSourceMicrosoft365Defender},
	"microsoftthreatprotection":       {alert.ServiceSourceMicrosoft365Defender, alert.DetectionSourceMicrosoft365Defender},
	"microsoft365defender":            {alert.ServiceSourceMicrosoft365Defender, alert.DetectionSourceMicrosoft365Defender},
	"microsoftxdr":                    {alert.ServiceSourceMicrosoft365Defender, alert.DetectionSourceMicrosoft365Defender},
	"oatp":                            {alert.ServiceSourceMicrosoftDefenderForOffice365, alert.DetectionSourceMicrosoftDefenderForOffice365},
	"officeatp":                       {alert.ServiceSourceMicrosoftDefenderForOffice365, alert.DetectionSourceMicrosoftDefenderForOffice365},
	"microsoftdefenderforoffice365":   {alert.ServiceSourceMicrosoftDefenderForOffice365, alert.DetectionSourceMicrosoftDefenderForOffice365},
	"ipc":                             {alert.ServiceSourceAzureADIdentityProtection, alert.DetectionSourceAzureADIdentityProtection},
	"azureadidentityprotection":       {alert.ServiceSourceAzureADIdentityProtection, alert.DetectionSourceAzureADIdentityProtection},
	"azureadvancedthreatprotection":   {alert.ServiceSourceMicrosoftDefenderForIdentity, alert.DetectionSourceMicrosoftDefenderForIdentity},
	"aatp":                            {alert.ServiceSourceMicrosoftDefenderForIdentity, alert.DetectionSourceMicrosoftDefenderForIdentity},
	"microsoftdefenderforidentity":    {alert.ServiceSourceMicrosoftDefenderForIdentity, alert.DetectionSourceMicrosoftDefenderForIdentity},
	"mcas":                            {alert.ServiceSourceMicrosoftDefenderForCloudApps, alert.DetectionSourceCloudAppSecurity},
	"cloudappsecurity":                {alert.ServiceSourceMicrosoftDefenderForCloudApps, alert.DetectionSourceCloudAppSecurity},
	"microsoftcloudappsecurity":       {alert.ServiceSourceMicrosoftDefenderForCloudApps, alert.DetectionSourceCloudAppSecurity},
	"microsoftdefenderforcloudapps":   {alert.ServiceSourceMicrosoftDefenderForCloudApps, alert.DetectionSourceCloudAppSecurity},
	"azuresecuritycenter":             {alert.ServiceSourceMicrosoftDefenderForCloud, alert.DetectionSourceMicrosoftDefenderForCloud},
	"asc":                             {alert.ServiceSourceMicrosoftDefenderForCloud, alert.DetectionSourceMicrosoftDefenderForCloud},
	"microsoftdefenderforcloud":       {alert.ServiceSourceMicrosoftDefenderForCloud, alert.DetectionSourceMicrosoftDefenderForCloud},
	"asischeduledalerts":              {alert.ServiceSourceMicrosoftSentinel, alert.DetectionSourceScheduledAlerts},
	"asinrtalerts":                    {alert.ServiceSourceMicrosoftSentinel, alert.DetectionSourceNrtAlerts},
	"azuresentinel":                   {alert.ServiceSourceMicrosoftSentinel, alert.DetectionSourceMicrosoftSentinel},
	"microsoftsentinel":               {alert.ServiceSourceMicrosoftSentinel, alert.DetectionSourceMicrosoftSentinel},
	"customalertrule":                 {alert.ServiceSourceMicrosoftSentinel, alert.DetectionSourceScheduledAlerts},
	"scheduledalerts":                 {"", alert.DetectionSourceScheduledAlerts},
	"nrtalerts":                       {"", alert.DetectionSourceNrtAlerts},
	"microsoftdatalossprevention":     {alert.ServiceSourceDataLossPrevention, alert.DetectionSourceMicrosoftDataLossPrevention},
	"microsoftinsiderriskmanagement":  {alert.ServiceSourceMicrosoftInsiderRiskManagement, alert.DetectionSourceMicrosoftInsiderRiskManagement},
	"appgovernancepolicy":             {alert.ServiceSourceMicrosoftAppGovernance, alert.DetectionSourceAppGovernancePolicy},
	"appgovernancedetection":          {alert.ServiceSourceMicrosoftAppGovernance, alert.DetectionSourceAppGovernanceDetection},
	"microsoftdefenderforkeyvault":    {alert.ServiceSourceMicrosoftDefenderForCloud, alert.DetectionSourceMicrosoftDefenderForKeyVault},
	"microsoftthreatintelligence":     {alert.ServiceSourceMicrosoftThreatIntelligence, alert.DetectionSourceMicrosoftThreatIntelligence},
	"threatintelligencealerts":        {alert.ServiceSourceMicrosoftThreatIntelligence, alert.DetectionSourceMicrosoftDefenderThreatIntelligenceAnalytics},
	"mlbehavioranalytics":             {alert.ServiceSourceMicrosoftSentinel, alert.DetectionSourceBuiltInMl},
	"fusion":                          {alert.ServiceSourceMicrosoftSentinel, alert.DetectionSourceBuiltInMl},
	"microsoftdefenderadvancedthreat": {alert.ServiceSourceMicrosoftDefenderForEndpoint, alert.DetectionSourceMicrosoftDefenderForEndpoint},
}

func productOf(name string) product {
	if len(name) > 128 {
		return product{}
	}
	return products[strings.Map(func(r rune) rune {
		switch {
		case r >= 'A' && r <= 'Z':
			return r + 'a' - 'A'
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			return r
		}
		return -1
	}, name)]
}

// ServiceOf gives the service source that any spelling of a product names, or
// unknown.
func ServiceOf(name string) alert.ServiceSource {
	if s := alert.ParseEnum[alert.ServiceSource](name); s != "" && s.Known() {
		return s
	}
	if s := productOf(name).service; s != "" {
		return s
	}
	return alert.ServiceSourceUnknown
}

// DetectionOf gives the detection source that any spelling of a sensor or
// product names, or unknown.
func DetectionOf(name string) alert.DetectionSource {
	if d := alert.ParseEnum[alert.DetectionSource](name); d != "" && d.Known() {
		return d
	}
	if d := productOf(name).detection; d != "" {
		return d
	}
	return alert.DetectionSourceUnknown
}

// SetHash puts a hash into file details by the name of its algorithm or, where
// that says nothing, by its length. Hashes of zeros are placeholders.
func SetHash(d *alert.FileDetails, algorithm, value string) {
	value = Meaningful(value)
	if value == "" || strings.Trim(value, "0") == "" {
		return
	}
	switch strings.ToLower(strings.ReplaceAll(algorithm, "-", "")) {
	case "md5":
		d.MD5 = value
		return
	case "sha1":
		d.SHA1 = value
		return
	case "sha256":
		d.SHA256 = value
		return
	case "sha256ac", "authenticodehash256", "authenticode256":
		d.SHA256AC = value
		return
	}
	switch len(value) {
	case 32:
		d.MD5 = value
	case 40:
		d.SHA1 = value
	case 64:
		d.SHA256 = value
	}
}
