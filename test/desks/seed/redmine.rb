# Gives an empty Redmine its default data, a private project with our custom field, a connector's user and a person.
require 'json'
Redmine::DefaultData::Loader.load('en')
Setting.rest_api_enabled = '1'
field = IssueCustomField.new(name: 'Rollcall Key', field_format: 'string', is_for_all: true, is_filter: true, searchable: true)
field.trackers = Tracker.all
field.save!
project = Project.new(name: 'Devices', identifier: 'devices', is_public: false)
project.enabled_module_names = %w[issue_tracking]
project.trackers = Tracker.all
project.save!
make_user = lambda do |login|
  user = User.new(firstname: login.capitalize, lastname: 'Test', mail: "#{login}@desk.test", language: 'en')
  user.login = login
  user.password = user.password_confirmation = SecureRandom.hex(12)
  user.save!
  Member.create!(principal: user, project: project, roles: [Role.find_by_name('Manager')])
  user
end
bot = make_user.call('rollcall')
person = make_user.call('alice')
File.write(ENV.fetch('SEED_FILE'), JSON.generate(
  apiKey: bot.api_key, personKey: person.api_key, personId: person.id, keyFieldId: field.id,
  statuses: IssueStatus.all.to_h { |status| [status.name, status.id] },
  priorities: IssuePriority.all.to_h { |priority| [priority.name, priority.id] },
  trackerId: Tracker.first.id
))
