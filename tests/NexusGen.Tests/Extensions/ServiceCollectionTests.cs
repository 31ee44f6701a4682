using Microsoft.Extensions.AI;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using NexusGen.Extensions.AI;

namespace NexusGen.Tests.Extensions;

/// <summary>One model per application, from its configuration, validated when the host starts.</summary>
public sealed class ServiceCollectionTests
{
    [Fact]
    public async Task TheServicesShareOneModelThatConfigurationNames()
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["NexusGen:Model"] = LoadedModel.Folder,
            ["NexusGen:Precision"] = "Float32",
            ["NexusGen:ModelId"] = "mine",
            ["NexusGen:AllowedFolders:0"] = "pictures",
        });
        builder.Services.AddNexusGen(builder.Configuration.GetSection("NexusGen"));
        using IHost host = builder.Build();
        await host.StartAsync();
        var client = host.Services.GetRequiredService<IChatClient>();
        var model = host.Services.GetRequiredService<NexusGenModel>();
        Assert.Same(model, client.GetService<NexusGenModel>());
        Assert.Same(model, host.Services.GetRequiredService<IImageGenerator>().GetService(typeof(NexusGenModel)));
        Assert.Equal("mine", client.GetService<ChatClientMetadata>()!.DefaultModelId);
        Assert.Equal(["pictures"], host.Services.GetRequiredService<IOptions<NexusGenServiceOptions>>().Value.AllowedFolders);
        Assert.NotEmpty((await client.GetResponseAsync("Hello", new() { MaxOutputTokens = 4 })).Messages);
        await host.StopAsync();
    }

    [Theory]
    [InlineData("", null, "Model is missing")]
    [InlineData("no-such-folder", null, "no-such-folder")]
    [InlineData("tiny", -1L, "MemoryBudget must be above 0")]
    public async Task AWrongConfigurationIsToldWhenTheHostStarts(string model, long? budget, string said)
    {
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Services.AddNexusGen(options =>
        {
            options.Model = model == "tiny" ? LoadedModel.Folder : model;
            options.MemoryBudget = budget;
        });
        using IHost host = builder.Build();
        var thrown = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync());
        Assert.Contains(said, thrown.Message);
    }
}
