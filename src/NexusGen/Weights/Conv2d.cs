using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Weights;

/// <summary>A two-dimensional convolution with a bias.</summary>
public sealed class Conv2d : Module
{
    private readonly Parameter _weight;
    private readonly Parameter _bias;
    private readonly int _stride;
    private readonly int _padding;

    /// <summary>Loads a convolution.</summary>
    /// <param name="source">Its place; the names there are <c>weight</c> and <c>bias</c>.</param>
    /// <param name="inChannels">Channels of the input.</param>
    /// <param name="outChannels">Channels of the output.</param>
    /// <param name="kernel">Side of the kernel.</param>
    /// <param name="stride">Step from one output to the next.</param>
    /// <param name="padding">Zeros added on each side.</param>
    /// <exception cref="WeightException">A tensor is missing or has another shape.</exception>
    public Conv2d(WeightSource source, long inChannels, long outChannels, int kernel, int stride = 1, int padding = 0)
        : base(source)
    {
        Initialization initialization = Initialization.FanIn(inChannels * kernel * kernel);
        _weight = Own(source.Parameter("weight", [outChannels, inChannels, kernel, kernel], initialization));
        _bias = Own(source.Parameter("bias", [outChannels], initialization));
        _stride = stride;
        _padding = padding;
    }

    /// <summary>Convolves.</summary>
    /// <param name="input">[batch, in, height, width].</param>
    /// <returns>[batch, out, height, width], smaller as kernel, stride and padding make it.</returns>
    public Tensor Forward(Tensor input)
    {
        Tensor output = nn.functional.conv2d(input, _weight.Value.to(input.dtype), _bias.Value.to(input.dtype), [_stride, _stride], [_padding, _padding]);
        if (OperationCount.IsOpen)
        {
            OperationCount.Product((double)output.numel() * _weight.Value.numel() / output.shape[1], input, _weight.Value);
        }

        return output;
    }
}
