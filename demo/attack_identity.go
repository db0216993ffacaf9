package demo

import (
	"time"

	"github.com/clew-sec/clew/alert"
)

// This file holds the attacks on accounts and on the directory.

var (
	sprayFailed  = rule{sentinel, medium, "CredentialAccess", "T1110.003", "One address tries one password on many accounts", "{address} tried to sign in to 214 accounts, a few times each. That is how attackers avoid locking accounts.", "Block the address and look for a success from the same network."}
	sprayUser    = rule{entra, medium, "CredentialAccess", "T1110.003", "Account was part of a password spray", "{user} was among the accounts that {address} tried.", doAccount}
	sprayHit     = rule{entra, high, "InitialAccess", "T1110.003 T1078.004", "Password spray succeeded", "{user} was signed in from {address}, which has been guessing passwords. The account has no second factor.", doAccount}
	sprayNew     = rule{entra, medium, "InitialAccess", "T1078.004", "First sign-in from a new country", "{user} signed in from a country in which the account was never used.", doAccount}
	sprayConsent = rule{governance, high, "Persistence", "T1098.003 T1528", "Unknown app may read all mail of a person", "{user} allowed an app without a verified publisher to read mail at any time, also without the person.", "Withdraw the consent, disable the app and revoke the person's sessions."}
	sprayApp     = rule{cloudApps, medium, "Persistence", "T1528", "Rare app with far-reaching rights", "An app that only one person in the company uses was given the right to read mail and files.", "Withdraw the consent if the business does not need the app."}
	sprayRead    = rule{governance, high, "Collection", "T1114.002", "App reads mailboxes at an unusual rate", "The app read far more messages of {user} than apps of its kind do.", doData}
	sprayShare   = rule{cloudApps, medium, "Collection", "T1213.002", "Mass download from a document library", "{user} downloaded 1,140 documents within 20 minutes.", doData}
	sprayRole    = rule{sentinel, high, "PrivilegeEscalation", "T1098.003", "Administrative role given to an ordinary account", "{user} received a role that can read every mailbox.", "Remove the role and check what was done with it."}
	sprayOut     = rule{dlp, medium, "Exfiltration", "T1567", "Documents with customer data shared to outside", "{user} made a link to customer documents that works without signing in.", doData}
)

// passwordSpray: guessed passwords, app consent, mail and documents read.
func passwordSpray(s *script) {
	from, exit := s.stranger(), s.stranger()
	tried := some(s.d, 11, s.people)
	hits := tried[:2]
	fail := []alert.Evidence{odd(ipEv(from, attacker, source))}
	for _, u := range tried {
		fail = append(fail, s.usr(u, attacked))
	}
	first := s.raise(sprayFailed, fail...)
	for _, u := range tried {
		s.later(10*time.Second, 3*time.Minute)
		s.raise(sprayUser, s.usr(u, attacked), odd(ipEv(from, attacker, source)))
	}
	s.update(first, 2*time.Hour)
	for _, u := range hits {
		s.later(10*time.Minute, 40*time.Minute)
		s.raise(sprayHit, s.usr(u, compromised), bad(ipEv(from, attacker, source)))
	}
	u := hits[0]
	s.later(2*time.Hour, 5*time.Hour)
	s.raise(sprayNew, s.usr(u, compromised), odd(ipEv(exit, attacker, source)))
	app := func(roles ...alert.Role) *alert.OauthApplicationEvidence {
		return odd(as(&alert.OauthApplicationEvidence{AppID: asGUID(digest(from)[:32]), ObjectID: asGUID(digest(exit)[:32]), DisplayName: "Calendar Tidy", Publisher: "unverified"}, roles...))
	}
	s.later(15*time.Minute, 40*time.Minute)
	s.raise(sprayConsent, s.usr(u, compromised), app(added), odd(ipEv(exit, attacker)))
	s.raise(sprayApp, app(), s.usr(u, compromised))
	for _, v := range hits {
		s.later(time.Hour, 4*time.Hour)
		s.raise(sprayRead, app(attacker), s.usr(v, compromised), mailboxEv(v, attacked))
	}
	s.raise(sprayRole, s.usr(hits[1], compromised), odd(ipEv(exit, attacker)))
	s.later(20*time.Minute, time.Hour)
	s.raise(sprayRead, app(attacker), mailboxEv(tried[5], attacked), s.usr(tried[5], attacked))
	s.raise(sprayShare, s.usr(hits[1], compromised), appEv("SharePoint Online", attacked), odd(ipEv(exit, attacker)))
	s.later(10*time.Minute, 30*time.Minute)
	s.raise(sprayOut, s.usr(hits[1], compromised), appEv("SharePoint Online", contextual))
}

var (
	adFoothold = rule{endpoint, medium, "Execution", "T1059.001 T1566.001", "Office program started a script", "On {device} a document made the word processor start PowerShell with an encoded command.", doDevice}
	adRecon    = rule{identity, medium, "Discovery", "T1087.002", "Accounts with service names were listed", "{user} asked the directory on {device} for every account that runs a service. Such a list is the first step of ticket cracking.", doAccount}
	adGraph    = rule{endpoint, medium, "Discovery", "T1087.002 T1482", "Tool maps the paths to administrators", "A tool that collects groups, sessions and rights of the whole domain ran on {device}.", doDevice}
	adRoast    = rule{identity, high, "CredentialAccess", "T1558.003", "Service tickets collected for cracking", "{user} asked for tickets of many service accounts with weak encryption, from {device}.", "Give the named service accounts long random passwords now."}
	adRoastSI  = rule{sentinel, medium, "CredentialAccess", "T1558.003", "Many service tickets with weak encryption", "The account {user} requested tickets for 24 services within a minute, all with the old cipher.", doAccount}
	adSvc      = rule{identity, high, "LateralMovement", "T1078.002", "Service account used like a person", "{user} signed in interactively to {device}. Service accounts never do that.", doAccount}
	adDump     = rule{endpoint, high, "CredentialAccess", "T1003.002", "Copy of the local password database", "On {device} the local password database was saved to a file.", doDevice}
	adSync     = rule{identity, high, "CredentialAccess", "T1003.006", "Passwords of the domain copied by replication", "{user} asked {device} to replicate passwords, from a computer that is no domain controller.", doDC}
	adSyncEP   = rule{endpoint, high, "CredentialAccess", "T1003.006", "Tool for copying domain passwords", "A command on {device} asked for the password of the ticket-granting account.", doDC}
	adGolden   = rule{identity, high, "Persistence", "T1558.001", "Forged ticket with an impossible lifetime", "A ticket for {user} was used that the domain has not issued. Whoever made it has the key of the ticket-granting account.", doDC}
	adGroup    = rule{sentinel, high, "Persistence", "T1098.007", "Account added to the domain administrators", "An ordinary account was added to the group of domain administrators outside working hours.", "Remove it and look for who added it."}
	adGuard    = rule{identity, medium, "Persistence", "T1098", "Protected rights of the directory changed", "The template that protects administrator accounts was changed to let {user} reset their passwords.", doDC}
	adDCExec   = rule{identity, high, "Execution", "T1047 T1569.002", "Remote command on a domain controller", "{user} ran a command on {device} from a workstation.", doDC}
)

// identityAttack: foothold, ticket cracking, replication of passwords, forged
// tickets.
func identityAttack(s *script) {
	u, svc, boss := s.windowsPerson("Production"), s.service("svc-erp"), pick(s.d, s.admins)
	dc, erp := s.byRole["dc"], s.byRole["erp"]
	word := s.spawn(nil, u.Device, u, `C:\Program Files\Office\winword.exe`, `winword.exe "Shift plan.docm"`)
	ps := s.spawn(word, u.Device, u, `C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`, "powershell -enc "+s.d.hex(40))
	s.raise(adFoothold, s.dev(u.Device, attacked), s.usr(u, compromised), odd(s.ran(ps)), odd(newFile(s.d, `C:\Users\`+u.SAM+`\Downloads\Shift plan.docm`).ev(u.Device)))
	s.later(30*time.Minute, 2*time.Hour)
	col := newFile(s.d, `C:\Users\Public\ad_map.exe`)
	run := s.start(ps, u.Device, u, col, `ad_map.exe -c all`)
	s.raise(adGraph, s.dev(u.Device, attacked), s.usr(u, compromised), bad(s.ran(run)), bad(col.ev(u.Device, created)))
	s.raise(adRecon, s.usr(u, compromised), s.dev(dc, destination), s.dev(u.Device, source))
	s.later(20*time.Minute, time.Hour)
	s.raise(adRoast, s.usr(u, compromised), s.dev(u.Device, source), s.usr(svc, attacked), s.usr(s.service("svc-sql"), attacked), s.dev(dc, destination))
	s.raise(adRoastSI, s.usr(u, compromised), s.dev(dc, contextual), ipEv(u.Device.Address, source))
	s.later(18*time.Hour, 30*time.Hour)
	s.raise(adSvc, s.usr(svc, compromised), s.dev(erp, attacked, destination), s.dev(u.Device, source))
	s.later(10*time.Minute, 40*time.Minute)
	reg := s.spawn(nil, erp, svc, `C:\Windows\System32\reg.exe`, `reg save HKLM\SAM C:\Temp\s`)
	s.raise(adDump, s.dev(erp, attacked), s.usr(svc, compromised), bad(s.ran(reg)))
	s.later(time.Hour, 3*time.Hour)
	mk := s.start(nil, erp, boss, newFile(s.d, `C:\Temp\kt.exe`), `kt.exe sync /user:krbtgt`)
	s.raise(adSyncEP, s.dev(erp, attacked), s.usr(boss, compromised), bad(s.ran(mk)))
	sync := s.raise(adSync, s.usr(boss, compromised), s.dev(dc, attacked, destination), s.dev(erp, source))
	s.later(2*time.Hour, 6*time.Hour)
	s.raise(adGolden, s.usr(boss, compromised), s.dev(dc, attacked, destination), s.dev(u.Device, source))
	s.raise(adDCExec, s.usr(boss, compromised), s.dev(s.byRole["dc2"], attacked, destination), s.dev(u.Device, source))
	s.later(10*time.Minute, 30*time.Minute)
	s.raise(adGroup, s.usr(u, added), s.usr(boss, compromised), s.dev(dc, contextual))
	s.raise(adGuard, s.usr(u, compromised), s.dev(dc, attacked))
	s.update(sync, 8*time.Hour, s.usr(u, compromised))
}
