using static TorchSharp.torch;

namespace NexusGen.Torch.Kernels;

/// <summary>
/// When the kernels may stand in for ATen's operators: on the CPU, in float32 or bfloat16, with rows of whole vectors; most of them
/// where autograd records nothing.
/// </summary>
internal static class Kernel
{
    /// <summary>How many elements a vector holds.</summary>
    public const int Lanes = 16;

    /// <summary>Whether tensors of one type can be given to a kernel, and autograd records nothing of them.</summary>
    /// <param name="width">The stretch of neighbouring elements that it treats as a row.</param>
    /// <param name="tensors">The tensors; their last dimension must be dense.</param>
    public static bool SupportsInference(long width, params ReadOnlySpan<Tensor> tensors) => Supports(width, tensors) && !RequiresGradient(tensors);

    /// <summary>Whether tensors of one type can be given to a kernel, recorded or not.</summary>
    /// <param name="width">The stretch of neighbouring elements that it treats as a row.</param>
    /// <param name="tensors">The tensors; their last dimension must be dense.</param>
    public static bool Supports(long width, params ReadOnlySpan<Tensor> tensors)
    {
        if (width % Lanes != 0 || tensors[0].dtype is not (ScalarType.BFloat16 or ScalarType.Float32))
        {
            return false;
        }

        foreach (Tensor tensor in tensors)
        {
            if (tensor.device_type != TorchSharp.DeviceType.CPU || tensor.dtype != tensors[0].dtype || tensor.stride(-1) != 1)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether autograd records what is done with one of the tensors.</summary>
    /// <param name="tensors">The tensors.</param>
    public static bool RequiresGradient(params ReadOnlySpan<Tensor> tensors)
    {
        if (!is_grad_enabled())
        {
            return false;
        }

        foreach (Tensor tensor in tensors)
        {
            if (tensor.requires_grad)
            {
                return true;
            }
        }

        return false;
    }
}
