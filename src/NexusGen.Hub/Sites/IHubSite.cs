using NexusGen.Hub.Core;

namespace NexusGen.Hub.Sites;

/// <summary>The protocol of a hub.</summary>
internal interface IHubSite
{
    /// <summary>Gets the name, for messages.</summary>
    string Name { get; }

    /// <summary>Gets the token, or null.</summary>
    string? Token { get; }

    /// <summary>Gets the revision that a repository without one stands for.</summary>
    string DefaultRevision { get; }

    /// <summary>Lists all files of a repository.</summary>
    /// <exception cref="HubException">The repository can't be listed.</exception>
    Task<IReadOnlyList<HubFile>> ListAsync(HubRepository repository, CancellationToken cancellationToken);

    /// <summary>Completes what the list says of a file: its length, checksum and commit.</summary>
    /// <exception cref="HubException">The file doesn't exist, or may not be fetched.</exception>
    Task<HubFile> DescribeAsync(HubRepository repository, HubFile file, CancellationToken cancellationToken);

    /// <summary>Returns the address of a file.</summary>
    Uri AddressOf(HubRepository repository, string path);

    /// <summary>Returns the error of a response that is no success.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="what">What was asked for, for the message.</param>
    /// <param name="response">The response.</param>
    HubException Refused(HubRepository repository, string what, HttpResponseMessage response);
}
