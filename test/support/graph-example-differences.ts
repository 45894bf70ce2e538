/** Where this server's answers differ from Microsoft's examples, and why. A row that explains nothing fails the test. */

interface Difference {
  /** Matches the number, page, version, verb and path of an example. */
  readonly where: RegExp
  /** Matches a line of the comparison. */
  readonly what: RegExp
  readonly why: string
}

const everywhere = /./

// biome-ignore format: a table of facts, aligned by hand
export const differences: readonly Difference[] = [
  // What the pages leave out or get wrong.
  { where: everywhere,                                   what: /^adds @odata\.context$/,                        why: 'the pages shorten answers; real ones have a context' },
  { where: /emailauthenticationmethod-get\.md/,          what: /^(lacks value|adds (id|emailAddress))$/,        why: 'the page wraps the one entity in value; Graph itself and every SDK do not' },
  { where: /emailauthenticationmethodconfiguration-get/, what: /^(lacks value|adds (@odata\.type|id|excludeTargets|state|allowExternalIdToUseEmailOtp|includeTargets))$/, why: 'the old page wraps the one entity in value; today’s does not, and v1.0’s leaves excludeTargets out' },
  { where: /emailauthenticationmethodconfiguration-get/, what: /^adds includeTargets\/0$/,                      why: 'the page shows no targets; Graph’s default includes all users' },
  { where: /(post-emailmethods|emailauthenticationmethod-post)\.md beta/, what: /^status 201, there 200$/,      why: 'the page’s text says 201, its example prints 200' },
  { where: /profile-post-emails\.md beta POST \/me/,     what: /^type is string, there null$/,                  why: 'the type is not nullable in the metadata; not given is unknown' },
  { where: /(itememail|profile-(list|post)-emails).*emails/, what: /^adds (value\/0\/)?(id|allowedAudiences|inference|createdDateTime|createdBy|lastModifiedDateTime|lastModifiedBy|source)$/, why: 'the pages shorten an email; here it is whole, source included' },
  { where: /profile-list-emails/,                        what: /^adds value\/0\/(createdBy|lastModifiedBy)\/(application|device)$/, why: 'the page shortens identity sets; here they are whole' },
  { where: /user-(get|list)\.md/,                        what: /^adds (value\/0\/)?(id|businessPhones|givenName|jobTitle|mobilePhone|officeLocation|preferredLanguage|surname)$/, why: 'the page shortens a user; here the default members are whole' },
  { where: /user-list\.md v1\.0/,                         what: /^lacks value\/0\/(mailNickname|otherMails|proxyAddresses)$/, why: 'Graph answers these for $select alone; the page shows them without' },
  { where: /user-(get|list|post-users)\.md beta/,         what: /^adds (value\/0\/)?[a-z]\w*$/i,                why: 'the page shortens a user; in beta every declared member is answered' },
  { where: /user-list\.md beta/,                          what: /^(lacks value\/0\/(otherMails|proxyAddresses)\/0|value\/0\/mailNickname is null, there string)$/, why: 'the user of the page has these; the one here has not' },
  { where: /user-post-users\.md/,                        what: /^\w+ is null, there string$/,                  why: 'the page’s answer has members that its request did not set' },
  { where: /paging\.md/,                                 what: /^adds value\/0$/,                               why: 'the page prints the next link only' },
  { where: /user\/.*profile\/emails|\/user\/profile/,    what: /^status 400, there 20[01]$/,                    why: 'an early page spelled /users as /user; Graph serves no such path' },

  // What this server decides otherwise.
  { where: everywhere,                                   what: /^adds (value\/0\/)?@odata\.etag$/,           why: 'what can be changed has a tag here, so that no change is lost' },
  { where: /profile-post-emails/,                        what: /^adds @odata\.type$/,                           why: 'a created email says its type, as the product was asked for' },
  { where: /profile-list-emails/,                        what: /^(lacks value\/0\/source\/type|value\/0\/source is null, there object)$/, why: 'an email of a user’s own making has no source system' },
  { where: everywhere,                                   what: /^adds error\/(details|target)$/,                why: 'errors say what is at fault and what would have sufficed, which Graph does not tell' },
  { where: /emailMethods with an app token/,             what: /^status 403, there 401$/,                       why: 'the token is good and its permission is missing: that is 403' },
  { where: /405 personal account/,                       what: /^status 204, there 405$/,                       why: 'Microsoft’s permission table lets a personal account change its own members' },
  { where: /authentication\/methods/,                    what: /^lacks @microsoft\.graph\.tips$/,               why: 'advice about Graph’s own performance' },
  { where: /\$filter=id ge/,                             what: /^status 200, there 400$/,                       why: 'ids are compared like any text; Graph’s directory cannot do that' },
  { where: /\$orderbydisplayName/,                       what: /^status 400, there 200$/,                       why: 'the page leaves the = out of its query; here such a slip is told of' },

  // Who is in the demo tenants.
  { where: /\$filter=(identities|endswith)|\$search=/,   what: /^lacks value\/0$/,                               why: 'nobody there is as the page asks' },
  { where: /\$filter=startswith\(displayName,'a'\)/,     what: /^(adds @odata\.nextLink|value\/0\/mail is null, there string)$/, why: 'more than one has such a name, and the first of them no mail' },

  // What this server does not serve.
  { where: /(list-methods|methods v1\.0|authenticationmethod-get)/, what: /^(lacks|adds) (value\/0\/)?(@?odata\.type|password|creationDateTime|createdDateTime|phoneNumber|authenticationPhoneType|smsSignInState|displayName|aaGuid|model|attestationCertificates|attestationLevel|keyStrength|emailAddress)$/, why: 'the examples are of passwords, phones and keys; the email method is the one that is served' },
  { where: /profile-get\.md beta GET \/me\/profile$/,    what: /^lacks (accounts|addresses|anniversaries|websites|educationalActivities|emails|notes|interests|languages|names|phones|positions|projects|skills|webAccounts)$/, why: 'of a profile the emails are served, and come for $expand=emails; today’s Graph does not put them in unasked either' },
  { where: /GET profile \(app-only\)/,                   what: /^lacks account(@odata\.context)?$/,             why: 'of a profile the emails are served' },
  { where: /\$expand=names/,                             what: /^status 501, there 200$/,                       why: 'of a profile the emails are served' },
  { where: /signInActivity|assignedLicenses/,            what: /^status 501, there 200$/,                       why: 'members of users that are not served cannot be selected or filtered by' },
  { where: /\$select=skills/,                            what: /^status 200, there 501$/,                       why: 'Graph keeps skills elsewhere than people; here they are members like others' },
  { where: /user-post-users\.md/,                        what: /^status 400, there 201$/,                       why: 'accounts that have identities and no principal name, as in B2C tenants, are not served' },
]
