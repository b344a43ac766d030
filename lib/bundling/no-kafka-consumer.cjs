/**
 * Stands in a bundle for kafkajs's consumer and admin client, a seventh of it: functions are handed their records by
 * Lambda, and topics are made by CloudFormation.
 */
module.exports = () => {
  throw new Error("kafkajs's consumer and admin client are left out of the bundle: a function only produces")
}
