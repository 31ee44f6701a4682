using System.Text.Json;

namespace NexusGen.Server.Background;

/// <summary>Restores jobs of a kind after a restart of the server.</summary>
internal interface IBackgroundKind
{
    /// <summary>Gets the kind.</summary>
    string Kind { get; }

    /// <summary>Restores a job.</summary>
    /// <param name="saved">What <see cref="BackgroundJob.Save"/> returned.</param>
    /// <exception cref="JsonException">It was saved in another form, for example by an earlier version.</exception>
    BackgroundJob Restore(byte[] saved);
}
