-- purpose: raise an alert, once for what it is about
-- grain: alert
-- inputs: none
-- outputs: sync.alerts; a returned row when it was not raised before
-- parameters: %(kind)s, %(district)s (null: the fleet), %(about)s, %(subject)s, %(body)s, %(html)s, %(items)s, %(now)s
insert into sync.alerts (kind, district_id, about, subject, body, html, items, raised_at)
values (%(kind)s, %(district)s, %(about)s, %(subject)s, %(body)s, %(html)s, %(items)s, %(now)s)
on conflict (kind, district_id, about) do nothing
returning alert_id
