namespace NexusGen.Server.Scheduling;

/// <summary>The exception when the server is stopping and starts no new work.</summary>
internal sealed class QueueClosedException() : Exception("The server is stopping and begins no new work.");
