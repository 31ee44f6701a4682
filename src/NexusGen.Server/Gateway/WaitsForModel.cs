namespace NexusGen.Server.Gateway;

/// <summary>Marks an endpoint whose requests wait for the model.</summary>
internal sealed record WaitsForModel;
