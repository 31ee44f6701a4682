namespace NexusGen.Server.Scheduling;

/// <summary>The server is stopping and begins nothing new.</summary>
internal sealed class QueueClosedException() : Exception("The server is stopping and begins no new work.");
