using peer from '../db/schema';

service ProfileService @(path: '/profile') {
  entity Users  as projection on peer.Users;
  entity Emails as projection on peer.Emails;
}
