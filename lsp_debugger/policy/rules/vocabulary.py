"""Words that talk about secrets, so that a value of nothing else is none (`your-api-key`, `password1`), and
names of those who issue them.
"""

_WORDS = """
a an the my your our this that is are be to of or and not no in on for with from by at as it any all one
two api key keys token tokens secret secrets password passwords passwd pass passphrase pwd pw auth oauth
access private public client credential credentials cred creds login log user username name names id ids
uuid example sample dummy fake placeholder change changeme me replace replaceme redacted insert todo
fixme here test testing some field type value values string text str int bool bytes none null nil
undefined required optional default enter input output confirm confirmation current new old reset forgot
hidden invalid wrong missing prompt show hide hash hashed encrypted encoded plain env var variable config
settings setting app application db database postgres mysql redis admin root master main file path url
uri host server service account session bearer basic jwt header headers cookie csrf xsrf xx xxx xxxx foo
bar baz foobar foobarbaz true false yes very super strong weak secure set unset empty blank unknown first
last code grant refresh signing signature sign verify ssh rsa dsa ed pem cert certificate manager store
vault data info utf ascii latin sha md hex base decode encode bit
"""
TALK = frozenset(_WORDS.split())

# What people choose, by every list of leaked passwords; words that settings are full of are left out.
_COMMON_PASSWORDS = """
abc123 abcd1234 alexander amanda andrew angel anthony arsenal asdfgh asdfghjkl ashley asshole august austin
babygirl badboy bailey banana barney baseball basketball batman beautiful biteme blessed bond007 brandon
butterfly casper changeit charlie cheese chelsea chicken chocolate cocacola computer cookie corvette cowboy
dallas daniel diamond doctor donald dragon eagle1 elephant fender ferrari fishing flower football forever
freedom friends fuckme fuckyou garfield george ginger golfer hannah harley heather hello123 hockey hunter
hunter1 hunter2 iceman iloveu iloveyou jackson jasmine jennifer jessica jordan joshua junior justin killer
ladybug letmein letmein1 liverpool london loveme lovely lovers maggie marina marlboro martin master1 matrix
matthew maverick mercedes merlin michael michelle mickey monkey monster morgan mother muffin mustang naruto
nascar natasha nicole ninja nothing nintendo orange p4ssw0rd p@ssw0rd p@ssword panther pass1234 passw0rd
patrick peanut pepper phoenix pokemon prince princess purple qazwsx qwert qwerty qwerty1 qwerty123 qwertyuiop
qwertz rabbit ranger robert rocket s3cr3t s3cret samantha samsung scooter secret1 secret123 shadow silver
slayer snoopy soccer sparky spiderman starwars steelers summer sunshine superman swordfish taylor tennis
thomas thunder tigers tigger toor trustno1 turtle victoria welcome welcome1 whatever william winner winter
wizard xbox360 yamaha yankees yellow zaq12wsx zxcvbn zxcvbnm 1q2w3e4r 1qaz2wsx q1w2e3r4
"""
COMMON_PASSWORDS = frozenset(_COMMON_PASSWORDS.split())

# Who issues keys: beside one of these names even `key` and `id` say that a value is one.
_SERVICES = """
abstract acrcloud adafruit adobe adyen agora ahrefs airbrake aircall airship airtable aiven akamai
alchemy algolia alibaba alienvault alpaca amadeus amazon amplitude anthropic apify apigee apollo appcues
appfollow apple appoptics appveyor artifactory asana assemblyai atlassian audd auth authy autodesk
automizy avaza aws axonaut aylien ayrshare azure bamboo bannerbear baremetrics baseten beamer besttime
betterstack binance bing bintray bitbar bitbucket bitcoin bitfinex bitly bitmex blazemeter blitapp
blogger bombbomb boost box braintree branch braze brevo brightlocal browserstack bubble buddy buffer
bugherd bugsnag buildkite bulbul bunny bybit calendarific calendly cannyio capsule captcha caspio cdn
censys centrifugo chargebee chargify chartmogul chatbot checkly checkout cicero circle circleci clarifai
clearbit cleverbot clickhouse clickup clinchpad clockify clockwork cloudant cloudconvert cloudera
cloudflare cloudinary cloudmersive cloudsmith cockroach coda codacy codeclimate codecov codemagic
codequiry cohere coinapi coinbase coinlayer coinmarketcap collect commerce companyhub confluent
contentful contentstack convertkit copper couchbase cratesio credly crisp criteo crowdin crypto
currencycloud currents customerio dashlane databricks datadog datagov debounce deepai deepgram deepl
delighted demio deputy detectify dfuse digitalocean directus discogs discord disqus ditto dnscheck docker
docusign doppler dotdigital dovico dribbble drift drip droneci dropbox duffel duo duply dynadot dynalist
dynatrace easypost easyinsight ecostruxure edamam eightxeight elastic elasticemail elevenlabs enablex
endorlabs enigma envoy etherscan etsy eventbrite everhour exchangerate expo exportsdk eyevinn facebook
faceplusplus fastly fathom feedier fetch fibery figma fileio finage finicity finnhub firebase fireworks
fleetbase flickr flightapi floodio flutterwave fly foursquare frameio freshbooks freshdesk freshservice
ftp fullcontact fullstory fusion gcp gemini geoapify geocodio getresponse ghost giphy github gitea gitee
gitlab gitter glassnode gocardless godaddy google goodreads grafana graphcms gravatar greenhouse groq
guardian gumroad gyazo happi harness harvest hashicorp heap helpscout here heroku hetzner hive holistics
honeybadger honeycomb hotjar hubspot huggingface humanity hunter hypertrack ibm iconfinder infobip
infracost infura insightly instagram instabot instamojo intercom intra intrinio invoiceninja ip ipapi
ipify ipinfo ipstack jfrog jenkins jira jotform jumpcloud jumpseller jupiter kairos keen keenio keycdn
keygen klaviyo klipfolio kontent kraken kucoin kylas landbot langfuse langsmith lark lastfm launchdarkly
lemlist lemonsqueezy line linear linkedin linode lob localytics logdna loggly logentries loggregator
logzio lokalise looker loom lyft magento mailboxlayer mailchimp mailerlite mailgun mailjet mailmodo
mailtrap mandrill mapbox mapquest maps marketo marketstack mattermost maxmind mediastack meraki mesibo
messagebird metabase metaapi meilisearch mindmeister miro mistral mixmax mixpanel moderation monday
mongodb mollie moosend moralis mux nasa netcore netlify neutrino newrelic newsapi nexmo nexus ngrok
nicereply nightfall noticeable notion novu npm nuget numverify nylas nytimes oanda okta ollama omnisend
oneai onedesk onelogin onepassword onesignal onfleet openai openrouter opencage openvpn openweather
openweathermap opsgenie optimizely oracle orbit outreach packagecloud paddle pagerduty pandadoc paperform
paralleldots parse partnerstack paypal paystack pendo percy perplexity pexels phantombuster phrase pinata
pinecone pingdom pinterest pipedream pipedrive pivotal pixabay plaid planetscale planviewleankit plivo
podio pollsapi polygon portainer positionstack posthog postman postmark prefect privacy prodpad prospect
protocolsio proxycrawl pubnub pulumi pusher pypi qualaroo qualys quickbase quickbooks rabbitmq rapid
rapidapi raven razorpay readme rebrandly recaptcha recurly redis rentman replicate resend revai revolut
rev ringcentral ritekit robinhood rocketreach rollbar rootly route rubygems runpod runscope salesblink
salesforce salesmate samsara sanity sap saucelabs scaleway scrapeowl scraperapi scrapingbee screenshot
scrutinizer sendbird sendgrid sendinblue sentry seon serpapi serphouse serpstack servicenow shippo shodan
shopify shortcut shotstack shutterstock sidekiq signable signalwire sigopt simfin sinch sirv site slack
smartling smartsheet snowflake snyk sonar sonarcloud sonarqube soundcloud sourcegraph sparkpost splunk
spoonacular spotify square squarespace squareup stability stackpath statuscake statuspage stitchdata
stockdata storyblok storychief strapi strava stream stripe stytch sumologic supabase surge survey
surveysparrow swell swiftype tableau tailscale tatum teamgate teamwork teamviewer technical telegram
telnyx tencent terraform text theoddsapi thinkific ticketmaster tidio tiingo timezone tines tinify tmdb
todoist together tomorrow tomtom toggl tradier transferwise travis trello tru twelve twilio twist twitch
twitter typeform typesense uber ubidots unify unsplash uploadcare uptime uptimerobot urlscan userflow
uservoice vagrant vatlayer vault vercel vertex veriphone virustotal visual voicegain vonage vpn vultr
vyte wakatime walkscore weather weatherapi weatherbit weatherstack webex webflow webscraper wechat wepay
whoxy wistia wit woocommerce wordpress workable workato worldcoin wrike x xero yahoo yandex yelp
youneedabudget youtube zapier zendesk zenkit zenrows zenscrape zeplin zerobounce zerotier zillow zipcode
zoho zoom zulip
"""
# Those of them that mean nothing else in ordinary text.
_DISTINCT_SERVICES_TEXT = """
acrcloud adafruit adyen airbrake airtable algolia amplitude assemblyai atlassian beamer bitbucket
bitfinex bitly bitmex browserstack bugsnag buildkite calendly chargebee circleci clarifai clearbit
cloudflare cloudinary codacy codecov coinapi coinbase coinmarketcap contentful datadog deepgram
digitalocean disqus docusign dropbox dynatrace easypost etherscan eventbrite facebook fastly finicity
finnhub flickr flutterwave freshbooks freshdesk gitlab gocardless grafana heroku honeycomb hubspot infura
instagram intercom ipinfo ipstack jenkins jotform keen.?io klaviyo kraken kucoin launchdarkly linkedin
loggly mailchimp mailgun mailjet mandrill mapbox mapquest mattermost mediastack messagebird mixpanel
netlify newrelic newsapi nexmo nytimes okta onesignal openai openweather opsgenie optimizely pagerduty
paypal pexels pipedrive pixabay plaid postmark pusher rapidapi razorpay rollbar salesforce segment.?io
sendbird sendgrid shodan shopify shortcut snyk sonarqube spotify squarespace statuspage stripe sumologic
telegram telnyx ticketmaster todoist trello twilio twitch twitter typeform unsplash virustotal vonage
wakatime weatherstack webflow wistia yandex yelp zapier zendesk zoho
"""
DISTINCT_SERVICES = tuple(_DISTINCT_SERVICES_TEXT.split())
SERVICES = frozenset(_SERVICES.split()) - {
    "x",
    "auth",
    "text",
    "line",
    "site",
    "here",
    "parse",
    "route",
    "visual",
    "stream",
    "collect",
    "fetch",
}
