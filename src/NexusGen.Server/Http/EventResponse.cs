namespace NexusGen.Server.Http;

/// <summary>Marks an endpoint that can send events in place of one response.</summary>
/// <param name="Type">The type of an event's data.</param>
internal sealed record EventResponse(Type Type);
