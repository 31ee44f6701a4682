using NexusGen.Cli.Core;

namespace NexusGen.Tests.Server;

/// <summary>One server with the small model that ships, for the tests of a class.</summary>
public sealed class TinyServer : IAsyncLifetime
{
    internal NexusGenModel Model { get; } = NexusGenModel.Open(ModelFinder.FindTiny());

    internal TestServer Server { get; private set; } = null!;

    public async Task InitializeAsync() => Server = await TestServer.StartAsync(Model);

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        Model.Dispose();
    }
}
