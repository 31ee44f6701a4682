using NexusGen.Core;
using NexusGen.Diffusion.Flux;

namespace NexusGen.Tests.Diffusion;

public class FluxConfigurationTests
{
    [Fact]
    public void ThePresetFits() => Assert.Same(FluxConfiguration.FluxDev, FluxConfiguration.FluxDev.Checked());

    public static TheoryData<string, FluxConfiguration> Wrong => new()
    {
        { "hidden_size 3070 is not a multiple of num_heads 24", FluxConfiguration.FluxDev with { HiddenSize = 3070 } },
        { "num_heads is 0", FluxConfiguration.FluxDev with { NumHeads = 0 } },
        { "hidden_size is 0", FluxConfiguration.FluxDev with { HiddenSize = 0 } },
        { "hidden_size is -3072", FluxConfiguration.FluxDev with { HiddenSize = -3072 } },
        { "depth is -1", FluxConfiguration.FluxDev with { Depth = -1 } },
        { "depth is 0", FluxConfiguration.FluxDev with { Depth = 0 } },
        { "depth_single_blocks is -1", FluxConfiguration.FluxDev with { DepthSingleBlocks = -1 } },
        { "context_in_dim is 0", FluxConfiguration.FluxDev with { ContextInDim = 0 } },
        { "vec_in_dim is 0", FluxConfiguration.FluxDev with { VecInDim = 0 } },
        { "theta is 0", FluxConfiguration.FluxDev with { Theta = 0 } },
        { "mlp_ratio is NaN", FluxConfiguration.FluxDev with { MlpRatio = double.NaN } },
        { "mlp_ratio is 0", FluxConfiguration.FluxDev with { MlpRatio = 0 } },
        { "axes_dim [16, 56]", FluxConfiguration.FluxDev with { AxesDim = [16, 56] } },
        { "axes_dim [15, 57, 56]", FluxConfiguration.FluxDev with { AxesDim = [15, 57, 56] } },
        { "axes_dim [-16, 72, 72]", FluxConfiguration.FluxDev with { AxesDim = [-16, 72, 72] } },
        { "128 (hidden_size 3072 / num_heads 24)", FluxConfiguration.FluxDev with { AxesDim = [16, 56, 54] } },
        { "in_channels 64 and out_channels 60", FluxConfiguration.FluxDev with { OutChannels = 60 } },
        { "in_channels 0", FluxConfiguration.FluxDev with { InChannels = 0, OutChannels = 0 } },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void SizesThatDoNotFitAreRefusedWithTheValues(string said, FluxConfiguration configuration) =>
        Assert.Contains(said, Assert.Throws<NexusGenException>(configuration.Checked).Message, StringComparison.Ordinal);
}
