package demo

import (
	"fmt"
	"time"

	"github.com/clew-sec/clew/alert"
)

// This file holds the attacks that come with trust: an employee, a supplier, a
// leaked key.

var (
	leaveNotice = rule{insider, low, "Collection", "T1213", "Person who is leaving collects documents", "{user} has given notice. Since then the number of opened documents is ten times the usual.", "Talk to HR before talking to the person."}
	leaveMass   = rule{cloudApps, medium, "Collection", "T1213.002", "Mass download by one person", "{user} downloaded 2,300 documents of another department.", doData}
	leaveCRM    = rule{cloudApps, medium, "Collection", "T1213", "Whole customer list exported", "{user} exported all customers from the CRM. The role needs single records.", doData}
	leaveZip    = rule{endpoint, low, "Collection", "T1560.001", "Archive with a password made from many documents", "On {device} hundreds of documents were packed into an archive with a password.", doData}
	leaveUSB    = rule{dlp, high, "Exfiltration", "T1052.001", "Confidential files copied to a USB device", "{user} copied files with the label Confidential to a private USB device on {device}.", doData}
	leaveCloud  = rule{dlp, high, "Exfiltration", "T1567.002", "Confidential files uploaded to private storage", "{user} uploaded files with the label Confidential to a private storage account.", doData}
	leaveMail   = rule{dlp, medium, "Exfiltration", "T1048", "Confidential attachment sent to a private address", "{user} sent documents with drawings to a private mail address.", doData}
	leavePrint  = rule{dlp, low, "Exfiltration", "T1052", "Many confidential pages printed", "{user} printed 460 pages with the label Confidential on a Saturday.", doNoise}
	leaveWipe   = rule{insider, high, "DefenseEvasion", "T1070.004 T1485", "Files deleted after they were copied", "{user} deleted the folders that were copied before and emptied the recycle bin.", "Restore the files and keep the audit log."}
	leaveSeq    = rule{insider, high, "Exfiltration", "T1567 T1052.001", "Chain: download, pack, copy out, delete", "Four steps by {user} within three days fit the pattern of data theft by a leaving person.", "Open a case with HR and legal; keep the evidence."}
)

// insiderTheft: a leaving employee collects, packs, copies out and deletes.
func insiderTheft(s *script) {
	u := s.windowsPerson("Sales")
	s.raise(leaveNotice, s.usr(u, violator), appEv("SharePoint Online", contextual))
	s.later(3*time.Hour, 14*time.Hour)
	s.raise(leaveCRM, s.usr(u, violator), appEv("Salesdesk CRM", attacked), ipEv(s.Egress[1], contextual))
	s.later(time.Hour, 3*time.Hour)
	for range 2 {
		s.raise(leaveMass, s.usr(u, violator), appEv("SharePoint Online", attacked), ipEv(u.HomeIP, contextual))
		s.later(30*time.Minute, 2*time.Hour)
	}
	zip := newFile(s.d, `C:\Users\`+u.SAM+`\Desktop\holiday.7z`)
	pack := s.start(s.spawn(nil, u.Device, u, `C:\Windows\explorer.exe`, "explorer.exe"), u.Device, u, wellKnown(`C:\Program Files\Packer\7p.exe`), `7p.exe a -p holiday.7z D:\Drawings`)
	s.raise(leaveZip, s.dev(u.Device, contextual), s.usr(u, violator), odd(s.ran(pack)), odd(zip.ev(u.Device, created)))
	s.later(10*time.Minute, 50*time.Minute)
	for range s.d.count(2, 3) {
		s.raise(leaveUSB, s.usr(u, violator), s.dev(u.Device, contextual), odd(zip.ev(u.Device)))
		s.later(10*time.Minute, 2*time.Hour)
	}
	s.raise(leaveCloud, s.usr(u, violator), odd(zip.ev(u.Device)), odd(urlEv("https://boxhaven.test/u/"+s.d.hex(6), destination)), s.dev(u.Device, contextual))
	s.later(time.Hour, 4*time.Hour)
	mail := message{subject: "for later", sender: u.Mailbox, senderName: u.Name, received: s.at, outcome: "delivered", place: "external"}
	s.raise(leaveMail, s.usr(u, violator), mailboxEv(u, contextual), odd(mail.ev("holiday.fan@freepost.test")))
	s.raise(leavePrint, s.usr(u, violator), s.dev(s.byRole["print"], contextual))
	s.later(12*time.Hour, 20*time.Hour)
	s.raise(leaveWipe, s.usr(u, violator), s.dev(u.Device, contextual), appEv("SharePoint Online", attacked))
	s.raise(leaveSeq, s.usr(u, violator), s.dev(u.Device, contextual), odd(zip.ev(u.Device)))
}

var (
	chainChild = rule{endpoint, medium, "Execution", "T1195.002 T1059", "Trusted updater starts a script", "The updater of Quillsync on {device}, signed by its maker, started PowerShell. No earlier version did that.", doDevice}
	chainLoad  = rule{endpoint, medium, "DefenseEvasion", "T1574.001", "Signed program loads an unsigned library", "Quillsync on {device} loads a library that is not signed and that was part of today's update.", doDevice}
	chainDNS   = rule{network, medium, "CommandAndControl", "T1071.004 T1568.002", "Name queries that carry data", "{address} asks for long random names below a single domain.", doDevice}
	chainBeat  = rule{network, high, "CommandAndControl", "T1071.001", "Connections to the control server of the Quillsync back door", "{address} fetched commands from a server named in a public report about trojanised updates.", doDevice}
	chainTI    = rule{sentinel, high, "CommandAndControl", "T1071.001", "Indicator of a published campaign seen in name queries", "{device} asked for a name that a published report ties to trojanised Quillsync updates.", "Find all devices with this version and block the domain."}
	chainLook  = rule{endpoint, medium, "Discovery", "T1082 T1016 T1087", "Updater gathers facts about computer and network", "A child of the updater on {device} lists accounts, network settings and security products.", doDevice}
	chainTask  = rule{endpoint, high, "Persistence", "T1053.005", "Hidden task keeps a program running", "On {device} a scheduled task without a security entry was made, so that it is not shown.", doDevice}
	chainDump  = rule{endpoint, high, "CredentialAccess", "T1003.001", "Updater read the memory of the sign-in process", "A child of the updater on {device} read the memory of the local security process.", doDevice}
	chainAV    = rule{antivirus, high, "InitialAccess", "T1195.002", "Back door in an update was recognised", "The library of the update on {device} was recognised as a back door and put in quarantine.", "Stop the update, remove this version everywhere and inform the maker."}
)

// supplyChain: a signed but trojanised updater on many devices.
func supplyChain(s *script) {
	control := s.stranger()
	updater := wellKnown(`C:\Program Files\Quillsync\qs_update.exe`)
	updater.signer = "Quillsync Software"
	lib := newFile(s.d, `C:\Program Files\Quillsync\qscore.dll`)
	var hit []*User
	for range 400 {
		if u := s.windowsPerson(departments[s.d.IntN(len(departments))].name); len(hit) < 14 && !contains(hit, u) {
			hit = append(hit, u)
		}
	}
	domain := "telemetry-quillsync.test"
	for i, u := range hit {
		up := s.start(nil, u.Device, nil, updater, `qs_update.exe --silent`)
		ps := s.spawn(up, u.Device, nil, `C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`, `powershell -nop -w hidden -c [Qs.Core]::Go()`)
		s.raise(chainChild, s.dev(u.Device, attacked), odd(s.ran(ps)), odd(lib.ev(u.Device)))
		s.later(time.Minute, 20*time.Minute)
		if i%2 == 0 {
			s.raise(chainLoad, s.dev(u.Device, attacked), odd(s.ran(up)), odd(lib.ev(u.Device, alert.RoleLoaded)))
		}
		s.raise(chainDNS, ipEv(u.Device.Address, source), odd(domainEv(s.d.hex(20)+"."+domain, c2)))
		s.later(2*time.Minute, 25*time.Minute)
		if i < 4 {
			chainHandsOn(s, u, ps, control)
		}
	}
	s.later(time.Hour, 3*time.Hour)
	for _, u := range hit[:6] {
		s.raise(chainBeat, ipEv(u.Device.Address, source), bad(ipEv(control, c2, destination)), bad(domainEv(domain, c2)), flow(u.Device.Address, control, 443))
		s.later(time.Minute, 10*time.Minute)
	}
	s.raise(chainTI, s.dev(hit[0].Device, attacked), bad(domainEv(domain, c2)), bad(ipEv(control, c2)))
	for _, u := range hit[6:11] {
		s.later(5*time.Minute, 30*time.Minute)
		s.raise(chainAV, s.dev(u.Device, attacked), stopped(lib.ev(u.Device), alert.RemediationStatusRemediated))
	}
}

func chainHandsOn(s *script, u *User, ps *process, control string) {
	who := s.spawn(ps, u.Device, nil, `C:\Windows\System32\systeminfo.exe`, "systeminfo")
	s.raise(chainLook, s.dev(u.Device, attacked), s.usr(u, compromised), odd(s.ran(who)))
	s.later(3*time.Minute, 12*time.Minute)
	task := s.spawn(ps, u.Device, nil, `C:\Windows\System32\schtasks.exe`, `schtasks /create /tn \QsHealth /sc minute /mo 30`)
	s.raise(chainTask, s.dev(u.Device, attacked), bad(s.ran(task)), bad(ipEv(control, c2)))
	dump := s.spawn(ps, u.Device, nil, `C:\Windows\System32\rundll32.exe`, `rundll32 comsvcs.dll, MiniDump`)
	s.raise(chainDump, s.dev(u.Device, attacked), s.usr(u, compromised), bad(s.ran(dump)))
}

func contains(in []*User, u *User) bool {
	for _, v := range in {
		if v == u {
			return true
		}
	}
	return false
}

var (
	keyLeak   = rule{sentinel, high, "CredentialAccess", "T1552.001", "Access key found in a public repository", "A key of the account ci-publisher stands in a repository that anyone can read.", doCloud}
	keyUse    = rule{guardDuty, medium, "InitialAccess", "T1078.004", "Key used from an anonymising network", "The key of ci-publisher called the cloud from {address}, an exit of an anonymising network.", doCloud}
	keyList   = rule{guardDuty, medium, "Discovery", "T1580 T1087.004", "Identity explores roles, users and policies", "The key of ci-publisher asked for roles, users and policies. It normally only uploads builds.", doCloud}
	keyListMD = rule{resources, medium, "Discovery", "T1580", "Unusual listing of cloud accounts and rights", "A cloud identity asked for many kinds of resources that it has never used.", doCloud}
	keyUser   = rule{guardDuty, high, "Persistence", "T1136.003 T1098.001", "New user with administrator rights", "The key of ci-publisher made the user 'support-sync' and gave it all rights.", doCloud}
	keyTrail  = rule{guardDuty, high, "DefenseEvasion", "T1562.008", "Audit log of the cloud was switched off", "Recording of activity was stopped for the whole organisation.", "Switch the recording on again and protect it by policy."}
	keyPolicy = rule{guardDuty, high, "Exfiltration", "T1537", "Bucket opened to another account", "The policy of the bucket was changed so that a foreign account can read everything.", doData}
	keyBucket = rule{guardDuty, high, "Exfiltration", "T1530", "Unusual amount of objects read from a bucket", "{address} read 48,000 objects of the bucket with the user 'support-sync'.", doData}
	keyMine   = rule{guardDuty, high, "Impact", "T1496", "Computing instance talks to a mining pool", "A new instance talks to a pool for mining cryptocurrency.", "Stop the instance and look for others started by the same identity."}
	keyStart  = rule{guardDuty, medium, "Impact", "T1578.002 T1496", "Large computing instances started in an unused region", "The user 'support-sync' started large instances in a region that the company does not use.", doCloud}
	keyBill   = rule{sentinel, low, "Impact", "T1496", "Cloud spending far above plan", "The spending of the last six hours is forty times the usual.", doCloud}
)

// cloudKey: leaked key, exploring, new administrator, data out, mining.
func cloudKey(s *script) {
	exit, away, pool := s.stranger(), s.stranger(), s.stranger()
	key := s.cloud("user/ci-publisher")
	bot := func(roles ...alert.Role) alert.Evidence { return cloudEv(s.Company, key, roles...) }
	s.raise(keyLeak, bot(attacked), urlEv("https://codebarn.test/public/build-tools/blob/main/.env", contextual))
	s.later(4*time.Minute, 20*time.Minute)
	s.raise(keyUse, bot(compromised), odd(ipEv(exit, attacker, source)))
	s.later(2*time.Minute, 8*time.Minute)
	for range 2 {
		s.raise(keyList, bot(compromised), odd(ipEv(exit, attacker, source)))
		s.later(3*time.Minute, 10*time.Minute)
	}
	s.raise(keyListMD, bot(compromised), odd(ipEv(exit, attacker)))
	s.raise(keyTrail, cloudEv(s.Company, s.cloud("lm-org-trail"), attacked), bot(compromised), bad(ipEv(exit, attacker)))
	s.later(5*time.Minute, 15*time.Minute)
	made := &Cloud{Provider: "aws", Name: "user/support-sync", Type: "iam", ID: "arn:aws:iam:::user/support-sync"}
	admin := func(roles ...alert.Role) alert.Evidence { return odd(cloudEv(s.Company, made, roles...)) }
	first := s.raise(keyUser, admin(created), bot(compromised), bad(ipEv(exit, attacker)))
	s.later(time.Hour, 3*time.Hour)
	for _, bucket := range []string{"lm-customer-exports", "lm-firmware-builds"} {
		b := s.cloud(bucket)
		s.raise(keyPolicy, cloudEv(s.Company, b, attacked), admin(attacker), bad(ipEv(away, attacker)))
		s.later(10*time.Minute, 30*time.Minute)
		s.raise(keyBucket, cloudEv(s.Company, b, attacked), admin(attacker), bad(ipEv(away, attacker, destination)))
		s.later(20*time.Minute, time.Hour)
	}
	s.update(first, 4*time.Hour, bad(ipEv(away, attacker)))
	for i := range s.d.count(4, 6) {
		vm := &Cloud{Provider: "aws", Name: fmt.Sprintf("i-0%s", s.d.hex(16)), Type: "ec2", ID: fmt.Sprintf("arn:aws:ec2:::instance/%d-%s", i, s.d.hex(8))}
		s.raise(keyStart, cloudEv(s.Company, vm, created), admin(attacker), odd(ipEv(away, attacker)))
		s.later(3*time.Minute, 10*time.Minute)
		s.raise(keyMine, cloudEv(s.Company, vm, attacked), bad(ipEv(pool, c2, destination)), odd(domainEv("pool-"+s.d.hex(3)+".test", c2)))
	}
	s.later(2*time.Hour, 5*time.Hour)
	s.raise(keyBill, admin(contextual))
}
