package demo

import (
	"fmt"
	"time"

	"github.com/clew-sec/clew/alert"
)

// everyday lists what happens in a company where nothing happens.
var everyday = []scene{
	{14, scannerRun}, {6, internetScan}, {9, deploymentScript}, {6, adminMaintenance}, {8, adware}, {5, unwantedTool},
	{8, travelOverVPN}, {9, oddSignin}, {10, failedSignins}, {11, dataMatch}, {7, serviceLogon}, {9, networkPolicy},
	{9, hostLog}, {8, reportedMail}, {7, spamWave}, {4, blockedAttachment}, {4, busyCollector}, {5, cloudGuess},
	{3, awsProbe}, {4, backupTransfer}, {3, blockedMalware}, {4, developerTool}, {3, newApp}, {3, adminRole}, {2, policyChange}, {3, sameThroughTwo},
}

var (
	quietScan     = rule{network, low, "Discovery", "T1046", "Port scan inside the network", "{address} tried many ports of one server within seconds.", doNoise}
	quietScanEP   = rule{endpoint, info, "Discovery", "T1046", "Device answered a scan of many ports", "{device} was asked on many ports by another computer of the company.", doNoise}
	quietSweep    = rule{network, info, "Reconnaissance", "T1595.001", "Known scanner on the internet touched a public address", "{address} sends the same probes to the whole internet.", doNoise}
	quietDeploy   = rule{endpoint, low, "Execution", "T1059.001", "Script started without a profile and with a bypass", "PowerShell on {device} ran a script with settings that attackers also use.", doNoise}
	quietDeployAV = rule{antivirus, info, "Execution", "T1059.001", "Script content was inspected and allowed", "A script on {device} was inspected because of its form. No threat was found.", doNoise}
	quietAdmin    = rule{endpoint, low, "LateralMovement", "T1569.002", "Administration tool started a service from the network", "{user} used an administration tool to run a command on {device}.", doNoise}
	quietAdminID  = rule{identity, low, "LateralMovement", "T1021.006", "Remote management session to a server", "{user} opened a remote management session to {device}.", doNoise}
	quietAdware   = rule{antivirus, info, "UnwantedSoftware", "", "Browser toolbar with advertising was removed", "A known advertising program was found in the downloads of {device} and removed.", doNoise}
	quietPUA      = rule{antivirus, low, "UnwantedSoftware", "", "Possibly unwanted program was blocked", "A program that bundles other software was blocked on {device}.", doNoise}
	quietTravel   = rule{cloudApps, low, "InitialAccess", "T1078.004", "Sign-ins from two distant places", "{user} signed in from two places within an hour. One of the addresses is used by many people.", doAccount}
	quietOdd      = rule{entra, low, "InitialAccess", "T1078.004", "Sign-in properties not seen before", "{user} signed in with a browser or network that is new for the account.", doAccount}
	quietFailed   = rule{sentinel, low, "CredentialAccess", "T1110.001", "Many failed sign-ins of one account", "{user} failed to sign in more than ten times within ten minutes.", doAccount}
	quietLocked   = rule{identity, info, "CredentialAccess", "T1110", "Account was locked after failed sign-ins", "{user} was locked after wrong passwords on {device}.", doNoise}
	quietDLP      = rule{dlp, low, "Exfiltration", "T1567", "Document with customer data was shared", "{user} shared a document in which customer numbers were found.", doData}
	quietDLPMail  = rule{dlp, info, "Exfiltration", "T1048", "Mail with a bank account number was sent outside", "{user} sent a message in which an account number was found.", doNoise}
	quietService  = rule{identity, low, "LateralMovement", "T1078.002", "Service account signed in to many servers", "{user} signed in to {device} and others within a short time.", doNoise}
	quietPolicy   = rule{network, info, "CommandAndControl", "T1071", "Program speaks to a file-sharing network", "{address} uses a protocol that the policy does not allow.", doNoise}
	quietTLS      = rule{network, low, "CommandAndControl", "T1573", "Connection with a self-signed certificate", "{address} opened an encrypted connection to a server with a home-made certificate.", doNoise}
	quietSudo     = rule{host, info, "PrivilegeEscalation", "T1548.003", "Command run as root", "On {device} a person ran a command with root rights.", doNoise}
	quietSSH      = rule{host, low, "CredentialAccess", "T1110.001", "Several failed sign-ins over SSH", "{address} failed to sign in to {device} over SSH.", doNoise}
	quietFile     = rule{host, info, "Impact", "T1565.001", "Watched file was changed", "The checksum of a system file on {device} changed.", doNoise}
	quietReport   = rule{office, low, "InitialAccess", "T1566", "Mail was reported as suspicious by a person", "{user} reported a message as phishing.", doMail}
	quietZap      = rule{office, info, "InitialAccess", "T1566.002", "Delivered spam was moved to junk", "A message to {user} was judged again and moved.", doNoise}
	quietAttach   = rule{office, info, "InitialAccess", "T1566.001", "Attachment with malware was stopped", "A message to {user} was kept back because its attachment holds malware.", doNoise}
	quietCollect  = rule{cloudApps, low, "Collection", "T1213.002", "Unusually many downloads", "{user} downloaded more documents than usual.", doNoise}
	quietGuess    = rule{servers, low, "CredentialAccess", "T1110", "Sign-in attempts against a virtual machine failed", "{address} tried many names and passwords on {device}. None worked.", doNoise}
	quietProbe    = rule{guardDuty, low, "Reconnaissance", "T1595", "Open port of an instance was probed", "{address}, known for scanning, probed an open port.", doNoise}
	quietBackup   = rule{network, low, "Exfiltration", "T1048", "Large transfer to a cloud storage service", "{address} sent several hundred gigabytes to a storage service.", doNoise}
	quietVirus    = rule{antivirus, medium, "Malware", "T1204.002", "Malware was stopped before it ran", "A file that {user} downloaded on {device} was blocked.", doDevice}
	quietVirusEP  = rule{endpoint, low, "Malware", "T1204.002", "Download of a blocked file", "The browser on {device} saved a file that was then blocked.", doNoise}
	quietDev      = rule{endpoint, low, "DefenseEvasion", "T1027", "Unsigned program started from a build folder", "On {device} a program that was just built was started.", doNoise}
	quietApp      = rule{cloudApps, info, "InitialAccess", "", "New cloud app in use", "{user} and others began to use an app with a low reputation.", doNoise}
	quietRole     = rule{sentinel, medium, "PrivilegeEscalation", "T1098.003", "Administrative role was activated", "{user} activated an administrative role for some hours.", doNoise}
	quietChange   = rule{resources, low, "DefenseEvasion", "T1562.007", "Network rule of the cloud was opened", "A rule now allows traffic from more addresses than before.", doCloud}
	quietTwinE    = rule{entra, medium, "InitialAccess", "T1110", "Sign-in from an address with a bad reputation", "{user} signed in from {address}, which has a bad reputation.", doAccount}
	quietTwinS    = rule{sentinel, low, "InitialAccess", "T1110", "Identity risk raised: address with a bad reputation", "The identity service raised the risk of {user} because of {address}.", doAccount}
)

func (s *script) anyClient() *Device { return pick(s.d, s.clients) }
func (s *script) anyServer() *Device { return pick(s.d, s.servers) }
func (s *script) anyone() *User      { return pick(s.d, s.people) }

func scannerRun(s *script) {
	from := s.byRole["scanner"]
	for range s.d.count(1, 6) {
		to := s.anyServer()
		s.raise(quietScan, ipEv(from.Address, source), ipEv(to.Address, scanned, destination), flow(from.Address, to.Address, int32(s.d.count(20, 9000))))
		if s.d.chance(0.2) {
			s.raise(quietScanEP, s.dev(to, scanned), ipEv(from.Address, source))
		}
		s.at = s.at.Add(s.d.span(time.Second, 4*time.Minute))
	}
}

func internetScan(s *script) {
	s.raise(quietSweep, ipEv(s.stranger(), source), ipEv(pick(s.d, s.Egress), destination))
}

func deploymentScript(s *script) {
	svc, tool := s.service("svc-deploy"), s.byRole["deploy"]
	job := fmt.Sprintf(`powershell -ep bypass -File \\%s\jobs\job%d.ps1`, tool.Name, s.d.count(1, 60))
	for range s.d.count(1, 4) {
		dev := s.anyClient()
		agent := s.spawn(nil, dev, svc, `C:\Windows\CCM\agent.exe`, "agent.exe")
		p := s.spawn(agent, dev, svc, `C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`, job)
		a := s.raise(quietDeploy, s.dev(dev, attacked), s.usr(svc, contextual), s.ran(p))
		if s.d.chance(0.15) {
			s.raise(quietDeployAV, s.dev(dev, attacked), s.ran(p))
		}
		if s.d.chance(0.1) {
			s.update(a, s.d.span(10*time.Minute, 3*time.Hour))
		}
		s.at = s.at.Add(s.d.span(time.Second, 10*time.Minute))
	}
}

func adminMaintenance(s *script) {
	u := pick(s.d, s.admins)
	for range s.d.count(1, 4) {
		to := s.anyServer()
		if s.d.chance(0.5) {
			s.raise(quietAdminID, s.usr(u, contextual), s.dev(to, destination), s.dev(s.byRole["jump"], source))
		} else {
			p := s.spawn(nil, to, u, `C:\Windows\admtool.exe`, "admtool.exe -s restart")
			s.raise(quietAdmin, s.dev(to, destination), s.usr(u, contextual), s.ran(p))
		}
		s.at = s.at.Add(s.d.span(time.Minute, 15*time.Minute))
	}
}

func adware(s *script) {
	u := s.anyone()
	f := wellKnown(fmt.Sprintf(`C:\Users\%s\Downloads\coupon_bar_%d.exe`, u.SAM, s.d.count(1, 40)))
	s.raise(quietAdware, s.dev(u.Device, contextual), stopped(f.ev(u.Device), alert.RemediationStatusRemediated))
}

func unwantedTool(s *script) {
	u := s.anyone()
	f := wellKnown(fmt.Sprintf(`C:\Users\Public\installer_%d.exe`, s.d.count(1, 30)))
	a := s.raise(quietPUA, s.dev(u.Device, contextual), s.usr(u), stopped(f.ev(u.Device), alert.RemediationStatusBlocked))
	if s.d.chance(0.2) {
		s.update(a, s.d.span(time.Hour, 10*time.Hour))
	}
}

func travelOverVPN(s *script) {
	u := s.anyone()
	a := s.raise(quietTravel, s.usr(u, contextual), ipEv(s.Egress[3], source), ipEv(u.HomeIP, source), appEv(pick(s.d, s.CloudApp), contextual))
	if s.d.chance(0.1) {
		s.update(a, s.d.span(time.Hour, 5*time.Hour))
	}
}

func oddSignin(s *script) {
	u := s.anyone()
	from := u.HomeIP
	if s.d.chance(0.3) {
		from = s.stranger()
	}
	s.raise(quietOdd, s.usr(u, contextual), ipEv(from, source))
}

func failedSignins(s *script) {
	u := s.anyone()
	s.raise(quietFailed, s.usr(u, attacked), ipEv(u.HomeIP, source), s.dev(u.Device, contextual))
	if s.d.chance(0.3) {
		s.at = s.at.Add(s.d.span(time.Minute, 10*time.Minute))
		s.raise(quietLocked, s.usr(u, attacked), s.dev(u.Device, source))
	}
}

func dataMatch(s *script) {
	u := s.anyone()
	if s.d.chance(0.5) {
		s.raise(quietDLP, s.usr(u, violator), appEv("SharePoint Online", contextual))
		return
	}
	m := message{subject: "Quotation", sender: u.Mailbox, senderName: u.Name, received: s.at, outcome: "delivered", place: "external"}
	s.raise(quietDLPMail, s.usr(u, violator), mailboxEv(u, contextual), m.ev(fmt.Sprintf("orders@buyer%d.example", s.d.count(1, 300))))
}

func serviceLogon(s *script) {
	svc := pick(s.d, s.services)
	s.raise(quietService, s.usr(svc, contextual), s.dev(s.anyServer(), destination), s.dev(s.anyServer(), destination))
}

func networkPolicy(s *script) {
	from, to := s.anyClient().Address, s.stranger()
	r := quietPolicy
	if s.d.chance(0.5) {
		r = quietTLS
	}
	for range s.d.count(1, 3) {
		s.raise(r, ipEv(from, source), ipEv(to, destination), flow(from, to, 443))
		s.at = s.at.Add(s.d.span(time.Minute, 12*time.Minute))
	}
}

func hostLog(s *script) {
	dev := s.byRole[pick(s.d, []string{"build", "wiki", "web2", "vpn", "node1", "node2", "node3"})]
	switch s.d.IntN(3) {
	case 0:
		s.raise(quietSudo, s.dev(dev, contextual), s.usr(pick(s.d, s.admins), contextual))
	case 1:
		from := s.stranger()
		for range s.d.count(1, 5) {
			s.raise(quietSSH, s.dev(dev, attacked), ipEv(from, source), outsider(pick(s.d, []string{"root", "admin", "oracle", "test"}), attacked))
			s.at = s.at.Add(s.d.span(time.Second, 3*time.Minute))
		}
	default:
		s.raise(quietFile, s.dev(dev, contextual), wellKnown(pick(s.d, []string{"/etc/passwd", "/etc/hosts", "/usr/bin/ssh", "/etc/resolv.conf"})).ev(dev, edited))
	}
}

func reportedMail(s *script) {
	u := s.anyone()
	m := message{subject: pick(s.d, []string{"Your parcel is waiting", "Team lunch survey", "Webinar on Thursday", "Unpaid toll", "New voice message"}), sender: fmt.Sprintf("news@list%d.test", s.d.count(1, 200)), senderName: "News", senderIP: s.stranger(), received: s.at, outcome: "delivered", place: "inbox"}
	s.raise(quietReport, s.usr(u, contextual), mailboxEv(u, contextual), m.ev(u.Mailbox))
}

func spamWave(s *script) {
	m := message{subject: fmt.Sprintf("Offer %d", s.d.count(100, 999)), sender: fmt.Sprintf("sales@promo%d.test", s.d.count(1, 400)), senderName: "Offers", senderIP: s.stranger(), received: s.at, outcome: "deliveredAsSpam", place: "junkFolder"}
	for range s.d.count(1, 4) {
		u := s.anyone()
		s.raise(quietZap, s.usr(u, contextual), mailboxEv(u, contextual), stopped(m.ev(u.Mailbox), alert.RemediationStatusRemediated))
		s.at = s.at.Add(s.d.span(0, time.Minute))
	}
}

func blockedAttachment(s *script) {
	m := message{subject: "Order confirmation", sender: fmt.Sprintf("no-reply@freight%d.test", s.d.count(1, 90)), senderName: "Freight", senderIP: s.stranger(), received: s.at, outcome: "blocked", place: "quarantine"}
	f := newFile(s.d, "order.zip")
	for range s.d.count(1, 5) {
		u := s.anyone()
		s.raise(quietAttach, s.usr(u, attacked), mailboxEv(u, attacked), stopped(m.ev(u.Mailbox), alert.RemediationStatusBlocked), stopped(as(&alert.FileEvidence{FileDetails: f.details()}), alert.RemediationStatusBlocked))
	}
}

func busyCollector(s *script) {
	u := s.anyone()
	s.raise(quietCollect, s.usr(u, contextual), appEv("SharePoint Online", contextual), ipEv(u.HomeIP, contextual))
}

func cloudGuess(s *script) {
	dev, from := s.byRole[pick(s.d, []string{"web", "web2", "node2", "wiki"})], s.stranger()
	a := s.raise(quietGuess, s.dev(dev, attacked), ipEv(from, source))
	if s.d.chance(0.3) {
		s.update(a, s.d.span(time.Hour, 6*time.Hour))
	}
}

func awsProbe(s *script) {
	vm := &Cloud{Provider: "aws", Name: "i-0build", Type: "ec2", ID: "arn:aws:ec2:::instance/i-0build"}
	s.raise(quietProbe, cloudEv(s.Company, vm, attacked), ipEv(s.stranger(), source))
}

func backupTransfer(s *script) {
	s.raise(quietBackup, ipEv(s.byRole["backup"].Address, source), ipEv("192.0.2.200", destination), flow(s.byRole["backup"].Address, "192.0.2.200", 443))
}

func blockedMalware(s *script) {
	u := s.anyone()
	f := newFile(s.d, `C:\Users\`+u.SAM+`\Downloads\setup_free.exe`)
	a := s.raise(quietVirus, s.dev(u.Device, attacked), s.usr(u, contextual), stopped(f.ev(u.Device), alert.RemediationStatusPrevented))
	a.ThreatFamilyName = pick(s.d, []string{"Dustbun", "Klapper", "Minnow", "Tatter"})
	s.at = s.at.Add(s.d.span(0, time.Minute))
	s.raise(quietVirusEP, s.dev(u.Device, attacked), stopped(f.ev(u.Device), alert.RemediationStatusPrevented), urlEv(fmt.Sprintf("https://freeware%d.test/setup", s.d.count(1, 80))))
}

func developerTool(s *script) {
	u := s.person("Engineering")
	f := newFile(s.d, `C:\src\firmware\out\tool.exe`)
	p := s.start(s.spawn(nil, u.Device, u, `C:\Program Files\Build\make.exe`, "make all"), u.Device, u, f, "tool.exe --selftest")
	s.raise(quietDev, s.dev(u.Device, contextual), s.usr(u, contextual), s.ran(p), f.ev(u.Device, created))
}

func newApp(s *script) {
	s.raise(quietApp, s.usr(s.anyone(), contextual), appEv(pick(s.d, []string{"Doodlepad", "Transfermouse", "Chartgarden"}), contextual))
}

func adminRole(s *script) {
	u := pick(s.d, s.admins)
	s.raise(quietRole, s.usr(u, contextual), ipEv(u.HomeIP, contextual))
}

func policyChange(s *script) {
	s.raise(quietChange, cloudEv(s.Company, s.cloud("lmproddata"), edited), s.usr(pick(s.d, s.admins), contextual))
}

func sameThroughTwo(s *script) {
	u, from := s.anyone(), s.stranger()
	s.raise(quietTwinE, s.usr(u, contextual), odd(ipEv(from, source)))
	s.raise(quietTwinS, s.usr(u, contextual), odd(ipEv(from, source)))
}
