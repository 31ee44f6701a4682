namespace NexusGen.Server.Security;

/// <summary>Marks an endpoint that asks for no key.</summary>
internal sealed class OpenToAll
{
    /// <summary>The mark.</summary>
    public static OpenToAll Mark { get; } = new();
}
