package wazuh

import (
	"strings"

	"github.com/clew-sec/clew/alert"
	"github.com/clew-sec/clew/source"
)

// cloud reads what Wazuh's modules for cloud services pass on.
func cloud(a *alert.Alert, data source.Object) {
	office(a, data.Object("office365"))
	amazon(a, data.Object("aws"))
	if gh := data.Object("github"); gh.Text("actor") != "" {
		a.Evidence = append(a.Evidence, &alert.GitHubUserEvidence{Login: gh.Text("actor")})
	}
}

// office reads a record of the Office 365 management activity.
func office(a *alert.Alert, o source.Object) {
	if o == nil {
		return
	}
	if user := o.Text("UserId"); strings.Contains(user, "@") {
		addUser(a, user, "", "")
	}
	source.AddIP(a, o.Text("ClientIP", "ClientIPAddress", "ActorIpAddress"), alert.RoleSource)
	if name := o.Text("SourceFileName"); name != "" {
		a.Evidence = append(a.Evidence, &alert.FileEvidence{FileDetails: &alert.FileDetails{FileName: name}})
	}
	if url := o.Text("ObjectId"); strings.HasPrefix(url, "https://") {
		a.Evidence = append(a.Evidence, &alert.URLEvidence{URL: url})
	}
}

// amazon reads a CloudTrail record or a GuardDuty finding.
func amazon(a *alert.Alert, o source.Object) {
	if o == nil {
		return
	}
	source.AddIP(a, o.Text("sourceIPAddress", "source_ip_address"), alert.RoleSource)
	who := o.Object("userIdentity")
	if name := who.Text("userName", "principalId"); name != "" {
		addUser(a, name, who.Text("accountId"), "")
	}
	if arn := o.Text("arn"); arn != "" {
		_, name := source.SplitPath(arn)
		a.Evidence = append(a.Evidence, &alert.AmazonResourceEvidence{AmazonResourceID: arn, ResourceName: name, AmazonAccountID: o.Text("accountId", "aws_account_id")})
	}
}
